"""What programs may do, under `/api/v1`: JSON in and out, with tokens; described by an OpenAPI document."""
