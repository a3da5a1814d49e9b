// Reads a list of people as spreadsheets write it: UTF-8, UTF-16 or Shift_JIS; comma, semicolon or tab.

const NAMES = {
  name: ["name", "氏名", "名前", "full name"],
  employee_number: ["employee_number", "employee number", "number", "external_id", "社員番号", "番号"],
  pictures: ["pictures", "picture", "photos", "photo", "写真", "画像", "顔画像"],
  groups: ["groups", "group", "グループ"],
  valid_from: ["valid_from", "valid from", "有効開始日", "開始日"],
  valid_until: ["valid_until", "valid until", "有効終了日", "終了日"],
};
const MOST_ROWS = 20000;
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00(?::00)?)?$/;

function whole(bytes) {
  const encodings =
    bytes[0] === 0xff && bytes[1] === 0xfe ? ["utf-16le"] : bytes[0] === 0xfe && bytes[1] === 0xff ? ["utf-16be"] : ["utf-8", "shift_jis"];
  for (const encoding of encodings) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      continue;
    }
  }
  return null;
}

// Where the file as a whole is in no encoding, each line is read by itself; null stands for one that cannot be.
function lineByLine(bytes) {
  const lines = [];
  for (let from = 0; from < bytes.length; ) {
    let to = bytes.indexOf(10, from);
    if (to < 0) to = bytes.length;
    lines.push(whole(bytes.subarray(from, to)));
    from = to + 1;
  }
  return lines;
}

function cells(text, separator) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  let line = 1;
  let begun = 1;
  const end = () => {
    row.push(cell);
    cell = "";
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === "\n") line += 1;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') (cell += '"'), (at += 1);
      else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === separator) end();
    else if (letter === "\n") {
      end();
      rows.push({ line: begun, values: row });
      row = [];
      begun = line;
      if (rows.length > MOST_ROWS) break;
    } else if (letter !== "\r") cell += letter;
  }
  end();
  rows.push({ line: begun, values: row });
  return rows.filter((one) => one.values.some((value) => value.trim()));
}

function separatorOf(heading) {
  const counts = [",", ";", "\t"].map((one) => [heading.split(one).length, one]);
  return counts.sort((a, b) => b[0] - a[0])[0][1];
}

function columns(headings) {
  const found = {};
  headings.forEach((heading, place) => {
    const told = heading.trim().toLowerCase();
    for (const [key, names] of Object.entries(NAMES)) if (names.includes(told) && !(key in found)) found[key] = place;
  });
  return found;
}

// Return a day as 2026-04-01; spreadsheets write 2026/4/1, 2026年4月1日 or a midnight with it. What is no day stays.
function day(text) {
  const parts = DAY.exec(text.normalize("NFKC"));
  return parts ? [parts[1], parts[2].padStart(2, "0"), parts[3].padStart(2, "0")].join("-") : text;
}

// Return rows { line, name, employee_number, pictures: [], groups: [], valid_from, valid_until, refused }; throws an
// Error with a key of the page's words where there is no column of names.
export function people(buffer) {
  const bytes = new Uint8Array(buffer);
  const text = whole(bytes);
  const parsed = text === null ? broken(lineByLine(bytes)) : sound(text.replace(/^\ufeff/, ""));
  const named = columns(parsed.headings);
  if (!("name" in named)) throw new Error("csv_name");
  return parsed.rows.map(({ line, values, refused }) => {
    const value = (key) => (values?.[named[key]] ?? "").trim();
    const several = (key) =>
      value(key)
        .split(/[;；\n]/)
        .map((one) => one.trim())
        .filter(Boolean);
    return {
      line,
      name: value("name"),
      employee_number: value("employee_number"),
      pictures: several("pictures"),
      groups: several("groups"),
      valid_from: day(value("valid_from")),
      valid_until: day(value("valid_until")),
      refused: refused ?? (value("name") ? "" : "row_name"),
    };
  });
}

function sound(text) {
  const separator = separatorOf(text.split("\n", 1)[0]);
  const [heading, ...rows] = cells(text, separator);
  return { headings: heading?.values ?? [], rows };
}

function broken(lines) {
  const separator = separatorOf(lines[0] ?? "");
  const headings = lines[0] === null ? [] : (cells((lines[0] ?? "").replace(/^\ufeff/, ""), separator)[0]?.values ?? []);
  const rows = lines.slice(1).flatMap((text, place) => {
    const line = place + 2;
    if (text === null) return [{ line, values: [], refused: "row_encoding" }];
    return cells(text, separator).map(({ values }) => ({ line, values }));
  });
  return { headings, rows };
}
