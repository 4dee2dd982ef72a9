// Conversations as a file, out and in.
import { cleaned } from "./tree.js";

const FORMAT = "moineau-conversations";
const LARGEST = 200 << 20;

export function exportAll(conversations) {
  const text = JSON.stringify({ format: FORMAT, version: 1, conversations }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `moineau-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * The conversations of a file.
 *
 * @throws {Error} if it is not such a file
 */
export async function importFile(file) {
  if (file.size > LARGEST) {
    throw new Error("too large");
  }
  const value = JSON.parse(await file.text());
  if (value?.format !== FORMAT || !Array.isArray(value.conversations)) {
    throw new Error("another kind of file");
  }
  return value.conversations.map(cleaned).filter((one) => one !== null);
}
