// Makes the children of an element like those of another, and leaves alone what is alike: the
// selection, the scroll position and formulas that are set stay.

export function patch(into, from) {
  const wanted = [...from.childNodes];
  wanted.forEach((node, i) => {
    const there = into.childNodes[i];
    if (!there) {
      into.append(node);
    } else if (!same(there, node)) {
      there.replaceWith(node);
    }
  });
  while (into.childNodes.length > wanted.length) {
    into.lastChild.remove();
  }
}

/** Whether a node is, or could be made, like another one. */
function same(there, node) {
  if (there.nodeType !== node.nodeType || there.nodeName !== node.nodeName) {
    return false;
  }
  if (there.nodeType === Node.TEXT_NODE) {
    if (there.data !== node.data) {
      there.data = node.data;
    }
    return true;
  }
  if (node.dataset.tex !== undefined || there.dataset.tex !== undefined) {
    return there.dataset.tex === node.dataset.tex;
  }
  if (node.matches("figure.code")) {
    return sameCode(there, node);
  }
  if (node.attributes.length !== there.attributes.length) {
    return false;
  }
  for (const { name, value } of node.attributes) {
    if (there.getAttribute(name) !== value) {
      there.setAttribute(name, value);
    }
  }
  patch(there, node);
  return true;
}

/** A block of code that only grew keeps its colours. */
function sameCode(there, node) {
  if (!there.matches("figure.code") || there.dataset.language !== node.dataset.language) {
    return false;
  }
  const code = there.querySelector("code");
  const now = code.textContent;
  const wanted = node.querySelector("code").textContent;
  if (!wanted.startsWith(now)) {
    return false;
  }
  if (wanted.length > now.length) {
    code.append(wanted.slice(now.length));
  }
  return true;
}
