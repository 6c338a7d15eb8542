import { Trans, useLingui } from '@lingui/react/macro'
import { type CSSProperties, type ReactNode, useState } from 'react'
import { Bar, Button } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import explore from './explore.module.css'
import styles from './sequences.module.css'

/** Sequences shown at once; the file has all of them. */
const SHOWN = 20

export interface Sequence {
  nodes: string[]
  /** Its part of all, drawn as a bar. */
  n: number
  facts: string[]
  show?: () => void
  /** Beside it, such as a button. */
  tool?: ReactNode
}

/** Whole sequences, most frequent first, each as its events in a row; runs of one event are counted. */
export function SequenceList({ rows, total }: { rows: Sequence[]; total: number }) {
  const { t } = useLingui()
  const [isAll, setAll] = useState(false)
  const n_facts = Math.max(1, ...rows.map((row) => row.facts.length))
  return (
    <>
      <ol className={styles.sequences} style={{ '--facts': n_facts } as CSSProperties}>
        {(isAll ? rows : rows.slice(0, SHOWN)).map((row) => {
          const content = <SequenceRow row={row} total={total} />
          return (
            <li key={row.nodes.join('\u0001')} className={styles.sequence}>
              {row.show ? (
                <button
                  type="button"
                  className={styles.sequencePress}
                  onClick={row.show}
                  aria-label={t`Show the people: ${row.nodes.join(' → ')}`}
                >
                  {content}
                </button>
              ) : (
                <div className={styles.sequencePress} data-still="">
                  {content}
                </div>
              )}
              {row.tool}
            </li>
          )
        })}
      </ol>
      {rows.length > SHOWN && !isAll && (
        <Button size="s" variant="quiet" onPress={() => setAll(true)}>
          <Trans>Show all {rows.length}</Trans>
        </Button>
      )}
    </>
  )
}

function SequenceRow({ row, total }: { row: Sequence; total: number }) {
  const f = useFormat()
  const share = total === 0 ? null : row.n / total
  return (
    <>
      <span className={styles.sequenceNodes}>
        {runsOf(row.nodes).map((run, index) => (
          <span key={index} className={styles.sequenceNode}>
            {run.node}
            {run.n > 1 && <span className={styles.times}> ×{run.n}</span>}
          </span>
        ))}
      </span>
      <span className={styles.sequenceFacts}>
        <span className={styles.sequenceBar}>
          <Bar share={share ?? 0} />
        </span>
        <b>{f.percent(share)}</b>
        {row.facts.map((fact, index) => (
          <span key={index} className={explore.cardNote}>
            {fact}
          </span>
        ))}
      </span>
    </>
  )
}

/** The same event several times right after itself, once with how often. */
export function runsOf(nodes: string[]): { node: string; n: number }[] {
  const runs: { node: string; n: number }[] = []
  for (const node of nodes) {
    const last = runs.at(-1)
    if (last?.node === node) last.n += 1
    else runs.push({ node, n: 1 })
  }
  return runs
}
