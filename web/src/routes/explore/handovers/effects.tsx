import { Trans, useLingui } from '@lingui/react/macro'
import { useState } from 'react'
import type { TableData } from '~/lib/explore/export'
import type { EffectRow, HandoversView } from '~/lib/explore/types'
import { Choice } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { HeatMatrix } from '../charts/heat-matrix'
import { ChartCard } from '../parts/chart-card'
import styles from '../parts/explore.module.css'
import { type HandoversProps, useNames, useShow } from './common'

/** Whose people a number of a stage opens. */
type Who = 'touched' | 'reached'
/** Above this share of people who may still get there a rate is marked as not over. */
const OPEN_MAX = 0.1

function useWhoNames(): Record<Who, string> {
  const { t } = useLingui()
  return { touched: t`who touched`, reached: t`who reached the goal` }
}

/** Opens the people of a stage and a channel there: all, or those who went on to the goal. */
function useEffectPeople(question: HandoversProps['question'], who: Who) {
  const f = useFormat()
  const nameOf = useNames()
  const words = useWhoNames()
  const show = useShow(question)
  return (row: EffectRow | undefined) =>
    row &&
    show(
      {
        effect: {
          stage: row.stage,
          ...(row.channel == null ? {} : { channel: row.channel }),
          ...(who === 'touched' ? {} : { converted: true }),
        },
      },
      [f.say(row.name), row.channel == null ? null : nameOf(row.channel), who === 'touched' ? null : words[who]]
        .filter(Boolean)
        .join(' · '),
      row.n_people,
      who === 'touched' ? row.n_people : undefined,
    )
}

function useEffectsTable(view: HandoversView): TableData {
  const f = useFormat()
  const { t } = useLingui()
  const nameOf = useNames()
  return {
    columns: [
      { key: 'stage', head: t`Stage` },
      { key: 'channel', head: t`Channel` },
      { key: 'people', head: t`People`, end: true },
      { key: 'rate', head: t`Reach the goal`, end: true },
      { key: 'lift', head: t`Against the stage`, end: true },
    ],
    rows: view.effects.map((row) => [
      f.say(row.name),
      row.channel == null ? t`all` : nameOf(row.channel),
      row.n_people,
      row.rate.value ?? null,
      row.lift ?? null,
    ]),
  }
}

/** What works at which stage. */
export function Effects({ question, view }: HandoversProps) {
  const { t } = useLingui()
  const words = useWhoNames()
  const [who, setWho] = useState<Who>('touched')
  return (
    <ChartCard
      title={t`What works at which stage`}
      note={t`share that reaches the goal after a touch there`}
      isTable
      tools={
        <Choice
          label={t`Whose people a number opens`}
          hideLabel
          value={who}
          onChange={setWho}
          options={(['touched', 'reached'] as const).map((key) => ({ key, label: words[key] }))}
        />
      }
      table={useEffectsTable(view)}
    >
      <EffectsMatrix question={question} view={view} who={who} />
      <p className={styles.cardNote}>
        <Trans>Dashed: more than one in ten may still get there.</Trans>
      </p>
    </ChartCard>
  )
}

function EffectsMatrix({ question, view, who }: HandoversProps & { who: Who }) {
  const f = useFormat()
  const { t } = useLingui()
  const nameOf = useNames()
  const peopleOf = useEffectPeople(question, who)
  const stages = [...new Map(view.effects.map((row) => [row.stage, f.say(row.name)]))]
  const channels = [...new Set(view.effects.map((row) => row.channel))].filter((channel) => channel != null)
  return (
    <HeatMatrix
      caption={t`Share that reaches the goal, by stage (row) and channel (column)`}
      corner={t`Stage`}
      leadHeads={[t`all`]}
      heads={channels.map(nameOf)}
      rows={stages.map(([stage, name]) => {
        const all = view.effects.find((row) => row.stage === stage && row.channel == null)
        return {
          key: stage,
          head: name,
          lead: [
            {
              text: f.percent(all?.rate.value),
              says: t`${name}: ${f.percent(all?.rate.value)}`,
              onPress: peopleOf(all),
            },
          ],
          cells: channels.map((channel) => {
            const row = view.effects.find((one) => one.stage === stage && one.channel === channel)
            return row?.rate.value == null
              ? null
              : {
                  text: f.percent(row.rate.value, 0),
                  heat: row.rate.value,
                  isIncomplete: row.open > OPEN_MAX * row.n_people,
                  says: t`${name}, ${nameOf(channel)}: ${f.percent(row.rate.value)} (95%: ${f.percent(row.rate.low)} – ${f.percent(row.rate.high)}), n ${f.whole(row.rate.n)}`,
                  onPress: peopleOf(row),
                }
          }),
        }
      })}
    />
  )
}
