// Every message exists in every language with the same figures, every message is used, and no page text stands
// outside the .ftl files.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "@fluent/syntax";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../console/web");
const LANGUAGES = ["en", "nb", "nn", "da", "se"];

/** Variables that a pattern uses. @param {any} node @param {Set<string>} found */
function variables(node, found = new Set()) {
  if (Array.isArray(node)) for (const inner of node) variables(inner, found);
  else if (node && typeof node === "object") {
    if (node.type === "VariableReference") found.add(node.id.name);
    for (const inner of Object.values(node)) if (inner && typeof inner === "object") variables(inner, found);
  }
  return found;
}

/** @param {string} language */
function read(language) {
  const resource = parse(readFileSync(join(web, `locales/${language}.ftl`), "utf8"), { withSpans: false });
  const junk = resource.body.filter((entry) => entry.type === "Junk");
  assert.deepEqual(junk.map((entry) => entry.content), [], `${language}.ftl has entries that cannot be read`);
  const messages = resource.body.filter((entry) => entry.type === "Message");
  const ids = messages.map((message) => message.id.name);
  assert.deepEqual(ids.filter((id, index) => ids.indexOf(id) !== index), [], `${language}.ftl has messages twice`);
  return new Map(messages.map((message) => [message.id.name, [...variables(message.value)].sort().join(" ")]));
}

const catalogue = new Map(LANGUAGES.map((language) => [language, read(language)]));
const english = /** @type {Map<string, string>} */ (catalogue.get("en"));
const sources = readdirSync(join(web, "js")).filter((file) => file.endsWith(".js")).map((file) => ({ file, text: readFileSync(join(web, "js", file), "utf8") }));

for (const language of LANGUAGES.slice(1)) {
  test(`${language} has the same messages as English`, () => {
    assert.deepEqual([...catalogue.get(language).keys()].sort(), [...english.keys()].sort());
  });
  test(`${language} uses the same figures in every message`, () => {
    for (const [id, used] of english) assert.equal(catalogue.get(language).get(id), used, `${language}: ${id}`);
  });
}

/** Ids named in the code: whole ones, and beginnings that a code from the server completes. */
const named = { whole: new Set(), beginnings: new Set() };
for (const { text } of sources) {
  for (const [, id] of text.matchAll(/\b(?:t|has)\("([a-z][\w-]*)"/g)) named.whole.add(id);
  for (const [, yes, no] of text.matchAll(/\bt\([^"`()]*\? "([a-z][\w-]*)" : "([a-z][\w-]*)"/g)) named.whole.add(yes).add(no);
  for (const [, id] of text.matchAll(/"((?:sign-in|error|admin|sound|key|resolve|conflict)-[a-z-]+)"/g)) if (english.has(id)) named.whole.add(id);
  for (const [, beginning] of text.matchAll(/`([a-z][a-z-]*-)\$\{/g)) named.beginnings.add(beginning);
}

test("every message that the code names exists", () => {
  for (const id of named.whole) assert.ok(english.has(id), id);
});

test("every message is used", () => {
  const strings = new Set(sources.flatMap(({ text }) => [...text.matchAll(/"([a-z][\w-]*)"/g)].map(([, id]) => id)));
  const unused = [...english.keys()].filter((id) => !strings.has(id) && ![...named.beginnings].some((beginning) => id.startsWith(beginning)));
  assert.deepEqual(unused, []);
});

/** Texts of all html and svg templates of a module, inner ones by themselves, with expressions cut out.
 *  @param {string} text @returns {string[]} */
function templates(text) {
  const found = [];
  const read = (start) => {
    let out = "";
    let at = start;
    while (at < text.length && text[at] !== "`") {
      if (text.startsWith("${", at)) {
        let depth = 1;
        at += 2;
        while (depth > 0) {
          if (text[at] === "{") depth += 1;
          else if (text[at] === "}") depth -= 1;
          else if (text[at] === "`") at = (/(html|svg)$/.test(text.slice(0, at)) ? keep : read)(at + 1).end;
          at += 1;
        }
        out += "\u0000";
      } else out += text[at++];
    }
    return { out, end: at };
  };
  const keep = (start) => {
    const result = read(start);
    found.push(result.out);
    return result;
  };
  for (let at = 0; at < text.length; at += 1) {
    if (text.startsWith("//", at) || text.startsWith("/*", at)) at = text.indexOf(text[at + 1] === "/" ? "\n" : "*/", at);
    else if (text[at] === '"') at = text.indexOf('"', at + 1);
    else if (text[at] === "`") at = (/(html|svg)$/.test(text.slice(0, at)) ? keep : read)(at + 1).end;
  }
  return found;
}

test("no page text stands outside the message files", () => {
  let seen = 0;
  for (const { file, text } of sources) {
    for (const template of templates(text)) {
      seen += 1;
      const words = template.replace(/<kbd>[^<]*<\/kbd>/g, "").replace(/<[^>]*>/g, " ");
      assert.doesNotMatch(words, /\p{L}/u, `${file}: text in ${template.slice(0, 120)}`);
      assert.doesNotMatch(template, /\b(aria-label|title|placeholder|alt)="[^"\u0000]*\p{L}/u, `${file}: ${template.slice(0, 120)}`);
      assert.doesNotMatch(template, /\s(style|on\w+)=/, `${file}: the content policy forbids this in ${template.slice(0, 120)}`);
    }
  }
  assert.ok(seen > 60, `only ${seen} templates were found`);
  const index = readFileSync(join(web, "index.html"), "utf8").replace(/<title>Lenke<\/title>/, "").replace(/<[^>]*>/g, "");
  assert.doesNotMatch(index, /\p{L}/u);
});
