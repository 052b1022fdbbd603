import DOMPurify from "dompurify";

/** Nothing that runs, loads, sends or covers the page: a message is somebody else's word. */
const purify = DOMPurify(window);

const ALLOWED_TAGS = [
  "a",
  "abbr",
  "b",
  "blockquote",
  "br",
  "code",
  "dd",
  "del",
  "details",
  "div",
  "dl",
  "dt",
  "em",
  "h1",
  "h2",
  "h3",
  "h4",
  "h5",
  "h6",
  "hr",
  "i",
  "ins",
  "kbd",
  "li",
  "mark",
  "ol",
  "p",
  "pre",
  "q",
  "s",
  "samp",
  "small",
  "span",
  "strong",
  "sub",
  "summary",
  "sup",
  "table",
  "tbody",
  "td",
  "tfoot",
  "th",
  "thead",
  "tr",
  "u",
  "ul",
  "var",
];
const ALLOWED_ATTR = ["align", "class", "data-cite", "href", "start", "title"];
const OUR_CLASSES = new Set(["cite", "task"]);

purify.addHook("afterSanitizeAttributes", (node) => {
  const names = node.getAttribute("class");
  if (names !== null && !OUR_CLASSES.has(names)) node.removeAttribute("class");
  if (node.nodeName === "A" && !node.hasAttribute("data-cite")) {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer nofollow ugc");
  }
});

/** Makes HTML of a message harmless: no script, style, form, frame or image; links to web and mail only. */
export function sanitise(html: string): string {
  return purify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOW_DATA_ATTR: false,
    // Their values are no addresses.
    ADD_URI_SAFE_ATTR: ["align", "data-cite", "start"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#source-\d+$)/i,
  });
}
