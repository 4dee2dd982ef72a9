// Every expression of the dashboard and of the alert rules, held against Prometheus' own grammar.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";

const deploy = new URL("../../deploy/", import.meta.url);

/** Where the grammar had to guess or skip; none for a right expression. */
function errors(expression) {
  const found = [];
  parser.parse(expression).iterate({
    enter(node) {
      if (node.type.isError) {
        found.push(`at ${node.from}: ${expression.slice(Math.max(0, node.from - 20), node.to + 20)}`);
      }
    },
  });
  return found;
}

/** Expressions of a file of rules: the value of `expr`, on its line or as the block below it. */
function expressions(yaml) {
  const lines = yaml.split("\n");
  const all = [];
  for (let i = 0; i < lines.length; i++) {
    const match = /^(\s+)expr: (.*)$/.exec(lines[i]);
    if (match && match[2] !== "|") {
      all.push(match[2]);
    } else if (match) {
      const block = [];
      while (i + 1 < lines.length && lines[i + 1].startsWith(match[1] + "  ")) {
        block.push(lines[++i].trim());
      }
      all.push(block.join("\n"));
    }
  }
  return all;
}

test("the grammar finds what is wrong", () => {
  assert.deepEqual(errors('sum by (le) (rate(a_bucket{b="c"}[5m]))'), []);
  for (const wrong of ["sum(", "rate(a[5m]))", 'a{b="c}', "a b", "sum by le (a)"]) {
    assert.notDeepEqual(errors(wrong), [], wrong);
  }
});

test("the dashboard's expressions are PromQL", () => {
  const dashboard = JSON.parse(readFileSync(new URL("grafana/moineau.json", deploy), "utf8"));
  const all = dashboard.panels.flatMap((panel) => (panel.targets ?? []).map((target) => target.expr));
  assert.ok(all.length > 50, `${all.length} expressions`);
  for (const expression of all) {
    assert.deepEqual(errors(expression.replaceAll("$__rate_interval", "5m")), [], expression);
  }
});

test("the rules' expressions are PromQL", () => {
  const all = expressions(readFileSync(new URL("prometheus/moineau.rules.yml", deploy), "utf8"));
  assert.ok(all.length > 10, `${all.length} expressions`);
  for (const expression of all) {
    assert.deepEqual(errors(expression), [], expression);
  }
});
