// Pictures on their way to the terminal: made smaller by the browser, and drawn with what is said of them.

const LONGEST = 1440; // pixels: enough for a face of a twentieth of the picture
const SMALL = 700 * 1024; // bytes up to which a picture that the terminal reads is sent as it is
const TAKEN = ["image/jpeg", "image/png", "image/webp"];
const SVG = "http://www.w3.org/2000/svg";

// Return a blob that the terminal takes, upright and not too large; throws where the browser cannot read it.
export async function smaller(blob) {
  const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
  try {
    if (blob.size <= SMALL && TAKEN.includes(blob.type) && Math.max(bitmap.width, bitmap.height) <= 4000) return blob;
    const factor = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * factor));
    canvas.height = Math.max(1, Math.round(bitmap.height * factor));
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await asJpeg(canvas);
  } finally {
    bitmap.close();
  }
}

export function asJpeg(canvas) {
  return new Promise((done, failed) => {
    canvas.toBlob((made) => (made ? done(made) : failed(new Error("no picture"))), "image/jpeg", 0.9);
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
