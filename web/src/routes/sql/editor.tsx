import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, type SQLNamespace, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension, Prec } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useLingui } from '@lingui/react/macro'
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react'
import type { Fault } from '~/lib/sql/fault'
import { quoted, type Table, type TypeName, typeName } from '~/lib/sql/tables'
import styles from './editor.module.css'

export interface EditorHandle {
  /** Replaces the whole text; the change can be undone. */
  set: (text: string) => void
  /** Puts a word where the caret is. */
  insert: (text: string) => void
  /** Replaces a stretch of the text. */
  replace: (from: number, to: number, text: string) => void
  /** Puts the caret there and brings it into view. */
  goTo: (at: number) => void
}

export interface EditorProps {
  ref?: Ref<EditorHandle>
  /** The text it begins with. */
  initial: string
  onChange: (text: string) => void
  onRun: () => void
  tables: Table[]
  /** Names worth offering between quotes, such as events and channels. */
  names: { label: string; detail: string }[]
  /** What is marked as wrong. */
  fault: (Fault & { message: string }) | null
  /** Said to screen readers with the editor, such as the id of the problem. */
  describedBy?: string
}

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], fontWeight: '650' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--real)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--guess)' },
  { tag: tags.comment, color: 'var(--faint)' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--soft)' },
])

/** Reset by `theme` where the library's own would not follow ours; colours are the tokens, so themes need no second set. */
const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '0.8125rem', color: 'var(--ink)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-content': { padding: '10px 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 14px 0 6px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: '0', paddingLeft: '6px' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in oklab, var(--hover) 60%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '1.5px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--real-line)',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--pressed)', outline: '1px solid var(--line-strong)' },
  '.cm-placeholder': { color: 'var(--faint)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--float)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '8px',
    boxShadow: 'var(--shadow)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '240px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', lineHeight: '18px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--pressed)',
    color: 'var(--ink)',
  },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal', fontFamily: 'var(--font)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '650' },
  '.cm-completionIcon': { display: 'none' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeft: '3px solid var(--bad)', fontFamily: 'var(--font)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
    backgroundColor: 'var(--bad-soft)',
  },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--bad)' },
})

/** Tables and columns as the library completes them: bare where a query reads `events`, after a dot elsewhere. */
function namespace(tables: Table[], kindOf: (type: string) => string): SQLNamespace {
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      table.columns.map(
        (column): Completion => ({
          label: column.name,
          apply: quoted(column.name),
          detail: kindOf(column.type),
          type: 'property',
        }),
      ),
    ]),
  )
}

/** Offers names of events and channels inside a text of the query. */
const nameSource = (names: EditorProps['names']) => (context: CompletionContext) => {
  const node = syntaxTree(context.state).resolveInner(context.pos, -1)
  if (node.name !== 'String') return null
  const from = node.from + 1
  if (context.pos < from) return null
  const closes = context.state.sliceDoc(node.to - 1, node.to) === "'" && node.to > from
  return {
    from,
    to: closes ? node.to - 1 : node.to,
    options: names.map(({ label, detail }) => ({ label, detail, apply: label.replaceAll("'", "''") })),
    validFor: /^[^']*$/,
  }
}

function language(tables: Table[], names: EditorProps['names'], kindOf: (type: string) => string): Extension {
  const support = sql({
    dialect: PostgreSQL,
    schema: namespace(tables, kindOf),
    defaultTable: tables[0]?.name,
    upperCaseKeywords: true,
  })
  return [support, PostgreSQL.language.data.of({ autocomplete: nameSource(names) })]
}

/** The nonce the server gave this page, by which styles made at run time are allowed; none under the dev server. */
const nonce = () => document.querySelector('meta[property="csp-nonce"]')?.getAttribute('content') ?? ''

/** An editor for SQL. Tab leaves it, as on every other field; Mod-Enter runs, but never one that ends a Korean syllable. */
export default function Editor({ ref, initial, onChange, onRun, tables, names, fault, describedBy }: EditorProps) {
  const { t } = useLingui()
  const host = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const speech = useRef({ onChange, onRun })
  speech.current = { onChange, onRun }
  const known = useRef(new Compartment())
  const spoken = useRef(new Compartment())
  const began = useRef(initial)
  const kinds: Record<TypeName, string> = {
    text: t`text`,
    number: t`number`,
    money: t`amount`,
    bool: t`yes/no`,
    time: t`time`,
    day: t`day`,
    key: t`key`,
    other: '',
  }

  useEffect(() => {
    const parent = host.current
    if (!parent) return
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: began.current,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          syntaxHighlighting(highlight),
          EditorView.lineWrapping,
          theme,
          known.current.of([]),
          spoken.current.of([]),
          Prec.highest(
            keymap.of([
              {
                key: 'Mod-Enter',
                run: () => {
                  speech.current.onRun()
                  return true
                },
              },
              { key: 'Tab', run: acceptCompletion },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) speech.current.onChange(update.state.doc.toString())
          }),
        ],
      }),
    })
    view.current = made
    return () => {
      view.current = null
      made.destroy()
    }
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the names of kinds change only with the language, which `t` stands for.
  useEffect(() => {
    view.current?.dispatch({
      effects: known.current.reconfigure(language(tables, names, (type) => kinds[typeName(type)])),
    })
  }, [tables, names, t])

  useEffect(() => {
    view.current?.dispatch({
      effects: spoken.current.reconfigure([
        placeholder(t`SELECT event, COUNT(*) FROM events GROUP BY event`),
        EditorView.contentAttributes.of({
          'aria-label': t`SQL query`,
          'aria-multiline': 'true',
          ...(describedBy ? { 'aria-describedby': describedBy, 'aria-invalid': 'true' } : {}),
          autocapitalize: 'off',
          autocorrect: 'off',
          spellcheck: 'false',
        }),
        EditorState.phrases.of({ Completions: t`Suggestions`, Diagnostics: t`Problems` }),
      ]),
    })
  }, [t, describedBy])

  useEffect(() => {
    const now = view.current
    if (!now) return
    const end = now.state.doc.length
    const marks =
      fault && fault.from <= end
        ? [{ from: fault.from, to: Math.min(fault.to, end), severity: 'error' as const, message: fault.message }]
        : []
    now.dispatch(setDiagnostics(now.state, marks))
  }, [fault])

  useImperativeHandle(ref, () => {
    const change = (from: number, to: number, insert: string) => {
      const now = view.current
      if (!now) return
      now.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true })
      now.focus()
    }
    return {
      set: (text) => change(0, view.current?.state.doc.length ?? 0, text),
      insert: (text) => {
        const selected = view.current?.state.selection.main
        if (selected) change(selected.from, selected.to, text)
      },
      replace: change,
      goTo: (at) => {
        view.current?.dispatch({ selection: { anchor: at }, scrollIntoView: true })
        view.current?.focus()
      },
    }
  }, [])

  return <div ref={host} className={styles.editor} />
}
