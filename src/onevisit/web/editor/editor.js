// The editor of the studio: CodeMirror in a shadow root, where its styles are constructed sheets
// that our content security policy allows. Tab is never caught, so that the keyboard gets out.
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { yaml } from "@codemirror/lang-yaml";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--ov-accent)", fontWeight: "600" },
  { tag: [tags.comment, tags.lineComment], color: "var(--ov-ink-soft)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ov-done)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--ov-ink-soft)" },
]);
const look = EditorView.theme({
  "&": { height: "min(70vh, 46rem)", color: "var(--ov-ink)", backgroundColor: "var(--ov-paper)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "ui-monospace, Consolas, Menlo, 'Noto Sans Mono CJK SC', monospace", lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ov-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ov-ink)" },
  ".cm-gutters": { color: "var(--ov-ink-soft)", backgroundColor: "var(--ov-ground)", borderRight: "1px solid var(--ov-line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--ov-accent) 7%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--ov-accent) 28%, transparent)" },
  ".cm-tooltip": { color: "var(--ov-ink)", backgroundColor: "var(--ov-paper)", border: "1px solid var(--ov-line-strong)", maxWidth: "32rem" },
  ".cm-tooltip-hover, .cm-tooltip-lint": { padding: "0.25rem 0.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.125rem 0.5rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--ov-on-accent)", backgroundColor: "var(--ov-accent)" },
  ".cm-completionDetail": { fontStyle: "normal", marginLeft: "0.75rem" },
  ".cm-diagnostic": { borderLeft: "4px solid var(--ov-stop)", padding: "0.25rem 0.5rem" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--ov-stop) 1.5px", textDecorationSkipInk: "none" },
});

// Puts an editor in the place of a textarea. Returns what the page needs of it.
export function edit(area, label, changed) {
  const host = document.createElement("div");
  host.className = "ov-code-host";
  area.before(host);
  const root = host.attachShadow({ mode: "open" });
  const help = new Compartment();
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        lineNumbers(), history(), drawSelection(), highlightActiveLine(), yaml(),
        syntaxHighlighting(colours), look,
        EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
        EditorState.phrases.of(PHRASES),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.updateListener.of((update) => { if (update.docChanged) { area.value = view.state.doc.toString(); changed(); } }),
        help.of([]),
      ],
    }),
  });
  const here = document.activeElement === area ? area.selectionStart : null;
  area.hidden = true;
  if (here !== null) { view.dispatch({ selection: { anchor: here } }); view.focus(); }
  return {
    view,
    extend: (extensions) => view.dispatch({ effects: help.reconfigure(extensions) }),
    go(line, column) {
      const found = view.state.doc.line(Math.min(Math.max(line, 1), view.state.doc.lines));
      const at = Math.min(found.from + Math.max(column, 1) - 1, found.to);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      view.focus();
    },
  };
}

const PHRASES = {
  "Control character": "控制字符",
  "No diagnostics": "没有错误",
  "Diagnostics": "错误",
  "close": "关闭",
  "Completions": "可以写",
  "Selection deleted": "已删除选中的内容",
};
