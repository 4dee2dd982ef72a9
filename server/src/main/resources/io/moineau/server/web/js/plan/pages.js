// The pages of the plan, in the order of the bar. Each is a module with `page`: its name, whether the
// note on law belongs to it, and `open(host, query)`, which fills the page and may be waited for.
export const PAGES = {
  chips: () => import("./chips.js"),
  rules: () => import("./rules.js"),
  audit: () => import("./audit.js"),
  plan: () => import("./plan.js"),
};
