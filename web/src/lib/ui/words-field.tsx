import { Trans, useLingui } from '@lingui/react/macro'
import { inBoth, rewrite, say, type Text } from '../text'
import { useFormat } from '../use-format'
import { cx } from './class-names'
import { TextField } from './field'
import styles from './words-field.module.css'

/** A text of a document: in one field for everybody, or in one for each language. */
export function WordsField({
  label,
  text,
  onChange,
  placeholder,
  lines,
  sideBySide,
  most = 600,
  error,
  autoFocus,
}: {
  label: string
  text: Text | null | undefined
  onChange: (text: Text) => void
  placeholder?: string
  lines?: number
  /** The two languages beside each other where there is room. */
  sideBySide?: boolean
  /** Letters of a text. */
  most?: number
  /** Makes the field invalid and says why; of two languages the reader's. */
  error?: string | null
  autoFocus?: boolean
}) {
  const f = useFormat()
  const { t } = useLingui()
  const isBoth = text != null && typeof text !== 'string'
  const names = { ko: t`${label}, Korean`, en: t`${label}, English` }
  const languages = f.lang === 'ko' ? (['ko', 'en'] as const) : (['en', 'ko'] as const)
  return (
    <div className={cx(styles.words, sideBySide && styles.sideBySide)}>
      {isBoth ? (
        languages.map((lang) => (
          <TextField
            key={lang}
            label={names[lang]}
            value={text[lang]}
            onChange={(words) => onChange(rewrite(text, lang, words))}
            lines={lines}
            maxLength={most}
            error={lang === f.lang ? error : null}
            autoFocus={autoFocus && lang === f.lang}
          />
        ))
      ) : (
        <TextField
          label={label}
          value={say(text, f.lang)}
          onChange={(words) => onChange(rewrite(text, f.lang, words))}
          placeholder={placeholder}
          lines={lines}
          maxLength={most}
          error={error}
          autoFocus={autoFocus}
        />
      )}
      <button
        type="button"
        className={styles.languages}
        aria-label={isBoth ? t`${label}: one text for all languages` : t`${label}: write it in Korean and English`}
        onClick={() => onChange(isBoth ? say(text, f.lang) : inBoth(text))}
      >
        {isBoth ? <Trans>one language</Trans> : <Trans>+ two languages</Trans>}
      </button>
    </div>
  )
}
