// Pictures on their way to the terminal: made smaller by the browser, and drawn with what is said of them.

export const MOST_PICTURES = 12; // of one person, sent in one request
const LONGEST = 1440; // pixels: enough for a face of a twentieth of the picture
const LEAST = 480; // pixels to which the longer side may be brought where the bytes do not suffice
const REQUEST = 5 * 1024 * 1024; // bytes that the terminal takes of pictures in one request
const SHARE = Math.floor(REQUEST / MOST_PICTURES); // bytes of one picture; below it is sent as it is
const QUALITIES = [0.9, 0.8, 0.7];
const TAKEN = ["image/jpeg", "image/png", "image/webp"];
const SVG = "http://www.w3.org/2000/svg";

// Return a blob that the terminal takes, upright and not too large; throws where the browser cannot read it.
export async function smaller(blob) {
  const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  try {
    if (blob.size <= SHARE && TAKEN.includes(blob.type) && Math.max(bitmap.width, bitmap.height) <= 4000) return blob;
    return await withinShare(bitmap);
  } finally {
    bitmap.close();
  }
}

// Return a JPEG of no more than SHARE bytes; only noise needs more than one of these steps.
async function withinShare(bitmap) {
  let longest = Math.min(LONGEST, Math.max(bitmap.width, bitmap.height));
  for (;;) {
    const canvas = drawn(bitmap, longest / Math.max(bitmap.width, bitmap.height));
    for (const quality of QUALITIES) {
      const made = await asJpeg(canvas, quality);
      if (made.size <= SHARE || (longest <= LEAST && quality === QUALITIES.at(-1))) return made;
    }
    longest = Math.max(LEAST, Math.round(longest * 0.75));
  }
}

function drawn(bitmap, factor) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * factor));
  canvas.height = Math.max(1, Math.round(bitmap.height * factor));
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export function asJpeg(canvas, quality = QUALITIES[0]) {
  return new Promise((done, failed) => {
    canvas.toBlob((made) => (made ? done(made) : failed(new Error("no picture"))), "image/jpeg", quality);
  });
}

// Return the face's box and points as an overlay for a picture that is shown whole.
export function overlay(verdict) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", `0 0 ${verdict.width || 1} ${verdict.height || 1}`);
  drawn.setAttribute("preserveAspectRatio", "xMidYMid meet");
  drawn.setAttribute("aria-hidden", "true");
  if (!verdict.box) return drawn;
  const [x, y, width, height] = verdict.box;
  const box = document.createElementNS(SVG, "rect");
  for (const [key, value] of Object.entries({ x, y, width, height })) box.setAttribute(key, value);
  box.setAttribute("class", `overlay-box ${verdict.kind}`);
  drawn.append(box);
  for (const [cx, cy] of verdict.landmarks) {
    const point = document.createElementNS(SVG, "circle");
    for (const [key, value] of Object.entries({ cx, cy, r: width / 38 })) point.setAttribute(key, value);
    point.setAttribute("class", `overlay-point ${verdict.kind}`);
    drawn.append(point);
  }
  return drawn;
}
