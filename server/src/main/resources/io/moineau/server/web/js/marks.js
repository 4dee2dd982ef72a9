// The end of a text in Markdown that is still being written.

/** The fence of a block of code that has not ended, or null. */
export function openFence(raw) {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  if (!fence) {
    return null;
  }
  const lines = raw.trimEnd().split("\n");
  const end = lines.length > 1 && new RegExp(`^ {0,3}${fence[0]}{${fence.length},}\\s*$`).test(lines.at(-1));
  return end ? null : fence;
}

/** A text whose last line has the marks closed that it opened. */
export function closeMarks(text) {
  const start = text.lastIndexOf("\n") + 1;
  let line = text.slice(start);
  if (line.length > 4000) {
    return text;
  }
  // A link whose address is still coming shows its text; half a mark at the end shows nothing.
  line = line.replace(/!?\[([^\][\n]*)\]\([^()\s]*$/, "$1").replace(/(^|[^*_~`\\])(\*{1,3}|_{1,3}|~~?|`)$/, "$1");
  const plain = line.replace(/\\./g, "").replace(/`[^`]*`/g, "");
  if (plain.includes("`")) {
    return text.slice(0, start) + line + "`";
  }
  for (const mark of ["**", "~~"]) {
    const count = plain.split(mark).length - 1;
    const rest = plain.slice(plain.lastIndexOf(mark) + mark.length);
    if (count % 2 === 1 && /^\S/.test(rest)) {
      line = line.trimEnd() + mark;
    }
  }
  return text.slice(0, start) + line;
}
