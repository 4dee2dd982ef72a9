// Small settings of this browser. Where storage is forbidden they last as long as the page.
const PREFIX = "moineau.";
const memory = new Map();

/** The value kept under a name, or undefined. */
export function read(name) {
  try {
    return localStorage.getItem(PREFIX + name) ?? memory.get(name);
  } catch {
    return memory.get(name);
  }
}

/** Keeps a text; undefined forgets it. */
export function write(name, value) {
  try {
    if (value === undefined) {
      localStorage.removeItem(PREFIX + name);
    } else {
      localStorage.setItem(PREFIX + name, value);
    }
    memory.delete(name);
  } catch {
    memory.set(name, value);
  }
}

/** The JSON value kept under a name, or the other one. */
export function readJson(name, otherwise) {
  try {
    return JSON.parse(read(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function writeJson(name, value) {
  write(name, JSON.stringify(value));
}
