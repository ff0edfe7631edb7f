// SPDX-License-Identifier: Apache-2.0
// CodeMirror in a shadow root: there it adopts its style sheets, where in the document it would write a <style> that
// the page's policy forbids. Colours are the page's own custom properties, which reach into the shadow.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { cpp } from "@codemirror/lang-cpp";
import { javascript } from "@codemirror/lang-javascript";
import { python } from "@codemirror/lang-python";
import {
	bracketMatching,
	HighlightStyle,
	indentOnInput,
	indentUnit,
	type LanguageSupport,
	syntaxHighlighting,
} from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import {
	drawSelection,
	EditorView,
	highlightActiveLine,
	highlightActiveLineGutter,
	highlightSpecialChars,
	keymap,
	lineNumbers,
	placeholder,
} from "@codemirror/view";
import { tags as t } from "@lezer/highlight";

// By the name that /v1/languages gives; a language without a row is edited without colours.
const GRAMMARS: Record<string, () => LanguageSupport> = {
	c: cpp,
	cpp,
	javascript,
	typescript: () => javascript({ typescript: true }),
	python,
};

const colours = HighlightStyle.define([
	{ tag: [t.keyword, t.controlKeyword, t.modifier, t.operatorKeyword], color: "var(--hl-keyword)" },
	{ tag: [t.string, t.special(t.string), t.regexp, t.character], color: "var(--hl-string)" },
	{ tag: [t.number, t.bool, t.null, t.atom], color: "var(--hl-number)" },
	{ tag: [t.comment, t.lineComment, t.blockComment], color: "var(--hl-comment)", fontStyle: "italic" },
	{ tag: [t.function(t.variableName), t.function(t.propertyName)], color: "var(--hl-function)" },
	{ tag: [t.typeName, t.className, t.namespace], color: "var(--hl-type)" },
	{ tag: [t.processingInstruction, t.meta, t.macroName], color: "var(--hl-meta)" },
	{ tag: t.invalid, color: "var(--bad)" },
]);

const theme = EditorView.theme({
	"&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "var(--code-size)", height: "100%" },
	"&.cm-focused": { outline: "none" },
	".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overflow: "auto" },
	".cm-content": { caretColor: "var(--accent)", padding: "12px 0" },
	".cm-line": { padding: "0 16px 0 8px" },
	".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
	".cm-gutters": { backgroundColor: "transparent", color: "var(--faint)", border: "none", paddingLeft: "8px" },
	".cm-activeLine": { backgroundColor: "var(--line-tint)" },
	".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--soft)" },
	"&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
		backgroundColor: "var(--selection)",
	},
	".cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
		backgroundColor: "transparent",
		outline: "1px solid var(--accent)",
		borderRadius: "2px",
	},
	".cm-placeholder": { color: "var(--faint)" },
	".cm-tooltip": {
		backgroundColor: "var(--card)",
		color: "var(--ink)",
		border: "1px solid var(--edge)",
		borderRadius: "8px",
		overflow: "hidden",
	},
	".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "#fff" },
});

export class Editor {
	readonly element = document.createElement("div");
	private readonly view: EditorView;
	private readonly grammar = new Compartment();

	constructor(text: string, language: string, onChange: () => void) {
		this.element.className = "editor";
		const root = this.element.attachShadow({ mode: "open" });
		const box = document.createElement("div");
		root.append(box);
		this.view = new EditorView({
			parent: box,
			root,
			state: EditorState.create({
				doc: text,
				extensions: [
					lineNumbers(),
					highlightActiveLineGutter(),
					highlightActiveLine(),
					highlightSpecialChars(),
					history(),
					drawSelection(),
					indentOnInput(),
					bracketMatching(),
					closeBrackets(),
					autocompletion({ activateOnTyping: false }),
					indentUnit.of("    "),
					syntaxHighlighting(colours),
					theme,
					placeholder("Your program"),
					EditorView.contentAttributes.of({ "aria-label": "Program" }),
					EditorView.updateListener.of((u) => u.docChanged && onChange()),
					keymap.of([
						// The page's own: run.
						{ key: "Mod-Enter", run: () => true },
						...closeBracketsKeymap,
						...defaultKeymap,
						...historyKeymap,
						...completionKeymap,
						indentWithTab,
					]),
					this.grammar.of([]),
				],
			}),
		});
		const sheet = new CSSStyleSheet();
		sheet.replaceSync(":host { display: block; min-height: 0 } :host > div { height: 100% }");
		root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
		this.setLanguage(language);
	}

	get text(): string {
		return this.view.state.doc.toString();
	}

	set text(text: string) {
		this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
	}

	setLanguage(name: string): void {
		this.view.dispatch({ effects: this.grammar.reconfigure(GRAMMARS[name]?.() ?? []) });
	}

	focus(): void {
		this.view.focus();
	}
}
