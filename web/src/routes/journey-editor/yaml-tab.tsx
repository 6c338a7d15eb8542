import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { problemsIn } from '~/lib/api/client'
import { applyText } from '~/lib/api/queries'
import type { Problem } from '~/lib/api/types'
import { equal } from '~/lib/draft'
import type { JourneyBody } from '~/lib/journey/types'
import { type Flaw, readYaml, writeYaml } from '~/lib/journey/yaml'
import { Button, Icon, Problems, TextField } from '~/lib/ui'
import styles from './form.module.css'

/**
 * The draft as text: every field a journey may have. Each text that reads as a journey is the draft at once; another one
 * leaves the draft as it was and says why.
 */
export default function YamlTab({
  body,
  onChange,
  onFlaw,
}: {
  body: JourneyBody
  onChange: (body: JourneyBody) => void
  /** Whether the text and the draft differ. */
  onFlaw: (isWrong: boolean) => void
}) {
  const { t } = useLingui()
  const [text, setText] = useState(() => writeYaml(body))
  const [mine, setMine] = useState(body)
  const [flaw, setFlaw] = useState<Flaw | null>(null)
  // Undo, redo or a newer version: the text follows.
  if (body !== mine && !equal(body, mine)) {
    setMine(body)
    setText(writeYaml(body))
    setFlaw(null)
  }
  const check = useMutation({ mutationFn: (yaml: string) => applyText(yaml, true) })
  const write = (next: string) => {
    setText(next)
    check.reset()
    const read = readYaml(next, body.key)
    if ('flaw' in read) {
      setFlaw(read.flaw)
      onFlaw(true)
      return
    }
    setFlaw(null)
    onFlaw(false)
    setMine(read.body)
    onChange(read.body)
  }
  const why = (found: Flaw): string => {
    const { line, path, detail } = found
    if (found.what === 'kind') return t`The first line must stay “kind: journey”.`
    if (found.what === 'key') return t`The key must stay “${body.key}”: maps and addresses refer to it.`
    if (found.what === 'shape')
      return path ? t`${path} is missing or is not what a journey has there.` : t`This is no journey.`
    return line === undefined ? (detail ?? '') : t`Line ${line}: ${detail}`
  }
  return (
    <section className={`card ${styles.yaml}`} aria-label="YAML">
      <TextField
        label={t`The same draft as text: everything a journey can say`}
        value={text}
        onChange={write}
        lines={24}
        code
        error={flaw ? why(flaw) : null}
      />
      <div className={styles.yamlTools}>
        <Button isPending={check.isPending} isDisabled={flaw !== null} onPress={() => check.mutate(text)}>
          <Icon name="check" />
          <Trans>Only check</Trans>
        </Button>
        {flaw && (
          <Button
            variant="quiet"
            onPress={() => {
              setText(writeYaml(body))
              setFlaw(null)
              onFlaw(false)
            }}
          >
            <Icon name="undo" />
            <Trans>Back to the last text that could be read</Trans>
          </Button>
        )}
        <span role="status" className="soft">
          {check.isSuccess && <Trans>No mistakes.</Trans>}
        </span>
      </div>
      {check.error && <Problems problems={problemsIn(check.error).map(softened)} live />}
    </section>
  )
}

/** An event that never came in does not keep a journey from being saved. */
const softened = (problem: Problem): Problem =>
  problem.code === 'rule.unknown_event' ? { ...problem, severity: 'warning' } : problem
