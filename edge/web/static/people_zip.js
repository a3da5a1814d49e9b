// Takes a ZIP archive apart in the browser, entry by entry and never more than was asked for: the terminal does not
// open archives at all. Names and sizes are believed no further than they hold.

const END = 0x06054b50; // signatures of APPNOTE.TXT, section 4.3
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MOST_ENTRIES = 20000;
const MOST_DIRECTORY = 16 * 1024 * 1024; // bytes
const ENCRYPTED = 1;
const UTF8 = 1 << 11;

export class ZipProblem extends Error {}

function decoded(bytes, flags) {
  const tries = flags & UTF8 ? ["utf-8"] : ["utf-8", "shift_jis"]; // Windows in Japan writes the latter
  for (const encoding of tries) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      continue;
    }
  }
  return null;
}

function harmless(name) {
  const parts = name.split("/");
  const control = [...name].some((letter) => letter.codePointAt(0) < 32);
  return !control && !name.includes("\\") && !name.startsWith("/") && !/^[a-z]:/i.test(name) && !parts.includes("..");
}

async function view(file, from, to) {
  return new DataView(await file.slice(from, to).arrayBuffer());
}

// Return the files of an archive: { name, size, refused } and read(most), which gives a Blob. `refused` is a key of
// the page's words. Throws ZipProblem with such a key where the archive as a whole is none.
export async function entries(file) {
  const tail = await view(file, Math.max(0, file.size - 65557), file.size);
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new ZipProblem("zip_none");
  const count = tail.getUint16(at + 10, true);
  const size = tail.getUint32(at + 12, true);
  const start = tail.getUint32(at + 16, true);
  if (count === 0xffff || start === 0xffffffff) throw new ZipProblem("zip_64");
  if (count > MOST_ENTRIES || size > MOST_DIRECTORY) throw new ZipProblem("zip_many");
  const directory = await view(file, start, start + size);
  const found = [];
  for (let place = 0; place + 46 <= directory.byteLength && found.length < count; ) {
    if (directory.getUint32(place, true) !== ENTRY) throw new ZipProblem("zip_none");
    const lengths = [28, 30, 32].map((offset) => directory.getUint16(place + offset, true));
    const raw = new Uint8Array(directory.buffer, place + 46, Math.min(lengths[0], directory.byteLength - place - 46));
    found.push(entry(file, directory, place, raw));
    place += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return found.filter((one) => one.refused || !one.name.endsWith("/"));
}

function entry(file, directory, place, raw) {
  const flags = directory.getUint16(place + 8, true);
  const method = directory.getUint16(place + 10, true);
  const packed = directory.getUint32(place + 20, true);
  const size = directory.getUint32(place + 24, true);
  const offset = directory.getUint32(place + 42, true);
  const name = decoded(raw, flags);
  let refused = "";
  if (name === null) refused = "name_encoding";
  else if (!harmless(name)) refused = "name_path";
  else if (flags & ENCRYPTED) refused = "encrypted";
  else if (method !== 0 && method !== 8) refused = "method";
  return { name: name ?? "?", size, refused, read: (most) => read(file, { offset, packed, size, method, most }) };
}

async function read(file, { offset, packed, size, method, most }) {
  if (size > most || packed > most) throw new ZipProblem("too_large");
  const head = await view(file, offset, offset + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw new ZipProblem("damaged");
  const begin = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const data = file.slice(begin, begin + packed);
  if (method === 0) return data;
  return inflated(data.stream().pipeThrough(new DecompressionStream("deflate-raw")), most);
}

async function inflated(stream, most) {
  const parts = [];
  let length = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts);
      length += value.byteLength;
      if (length > most) throw new ZipProblem("too_large"); // whatever its header said
      parts.push(value);
    }
  } catch (error) {
    throw error instanceof ZipProblem ? error : new ZipProblem("damaged");
  } finally {
    reader.cancel().catch(() => {});
  }
}
