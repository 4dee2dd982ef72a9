// The key of the API: for this tab only, or kept in this browser where that was asked for.
const NAME = "moineau.key";
let inMemory = "";

function stores() {
  const found = [];
  for (const name of ["sessionStorage", "localStorage"]) {
    try {
      found.push(window[name]);
    } catch {
      // Forbidden here.
    }
  }
  return found;
}

export function key() {
  for (const store of stores()) {
    const value = store.getItem(NAME);
    if (value) {
      return value;
    }
  }
  return inMemory;
}

export function setKey(value, remember) {
  forgetKey();
  inMemory = value;
  try {
    (remember ? localStorage : sessionStorage).setItem(NAME, value);
  } catch {
    // It lasts as long as the page.
  }
}

export function forgetKey() {
  inMemory = "";
  stores().forEach((store) => store.removeItem(NAME));
}
