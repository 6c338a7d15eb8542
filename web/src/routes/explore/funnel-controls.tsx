import { useLingui } from '@lingui/react/macro'
import type { Grain } from '~/lib/explore/address'
import { DEFAULT_GAP, DEFAULT_WINDOW, type FunnelSearch, type Without } from '~/lib/explore/address'
import { moveMarks, rulesSet } from '~/lib/explore/funnel'
import { isNamed, ruleName } from '~/lib/explore/rules'
import { Icon, IconButton, Select } from '~/lib/ui'
import { useEvents } from '../journey-editor/context'
import { EventPicker } from '../journey-editor/event-picker'
import { DurationField } from '../journey-editor/inputs'
import { BreakdownPicker } from './parts/breakdown'
import { GrainChoice, Group, More } from './parts/controls'
import styles from './parts/explore.module.css'
import { RulePress, StepList } from './parts/steps'

interface Props {
  search: FunnelSearch
  set: (search: FunnelSearch) => void
}

/** The question of a funnel: its steps, window and breakdown, and all rules beyond behind “more”. */
export function FunnelControls({ search, set, grain }: Props & { grain: Grain }) {
  const { t } = useLingui()
  const steps = search.steps ?? []
  return (
    <>
      <Group title={search.order === 'any' ? t`Steps, in any order` : t`Steps, in this order`}>
        <StepList
          steps={steps}
          onChange={(next, from) => set(moveMarks({ ...search, steps: next.length > 0 ? next : undefined }, from))}
          optional={search.order === 'any' ? [] : search.optional}
          onOptional={
            search.order === 'any'
              ? undefined
              : (optional) => set({ ...search, optional: optional.length > 0 ? optional : undefined })
          }
        />
      </Group>
      <Group title={t`Rules`}>
        <DurationField
          label={t`Window`}
          value={search.window ?? DEFAULT_WINDOW}
          onChange={(window) => set({ ...search, window: window === DEFAULT_WINDOW ? undefined : window })}
        />
        <Select
          label={t`Order`}
          value={search.order ?? 'ordered'}
          onChange={(key) => set({ ...search, order: key === 'strict' || key === 'any' ? key : undefined })}
          options={[
            { key: 'ordered', label: t`in turn, others may lie between` },
            { key: 'strict', label: t`directly after one another` },
            { key: 'any', label: t`in any order` },
          ]}
        />
      </Group>
      <Group title={t`Break down by`}>
        <BreakdownPicker
          rule={steps.find(isNamed)}
          value={search.by}
          onChange={(by) => set({ ...search, by, at: by ? search.at : undefined })}
        />
        {search.by && (
          <Select
            label={t`Of which event`}
            value={search.at === undefined ? '1' : String(search.at)}
            onChange={(key) =>
              set({
                ...search,
                at: key === '1' ? undefined : key === 'last' || key === 'any' || key === 'entry' ? key : Number(key),
              })
            }
            options={[
              ...steps.map((step, index) => ({
                key: String(index + 1),
                label: t`of step ${index + 1}: ${ruleName(step)}`,
              })),
              { key: 'last', label: t`of the last step reached` },
              { key: 'any', label: t`of any step` },
              { key: 'entry', label: t`of a person's very first start` },
            ]}
          />
        )}
      </Group>
      <More n_set={rulesSet({ ...search, order: undefined, optional: undefined }) + (search.grain ? 1 : 0)}>
        <Select
          label={t`What is counted`}
          value={search.count ?? 'person'}
          onChange={(key) => set({ ...search, count: key === 'session' || key === 'total' ? key : undefined })}
          options={[
            { key: 'person', label: t`people` },
            { key: 'session', label: t`sessions` },
            { key: 'total', label: t`every attempt` },
          ]}
        />
        {search.count === 'session' && (
          <DurationField
            label={t`Longest gap`}
            value={search.gap ?? DEFAULT_GAP}
            onChange={(gap) => set({ ...search, gap: gap === DEFAULT_GAP ? undefined : gap })}
          />
        )}
        <Select
          label={t`Who starts again`}
          value={search.entry ?? 'any'}
          onChange={(key) => set({ ...search, entry: key === 'first' ? key : undefined })}
          options={[
            { key: 'any', label: t`the best attempt` },
            { key: 'first', label: t`the first attempt` },
          ]}
        />
        <BreakdownPicker
          label={t`Must be the same on every step`}
          none={t`nothing must be the same`}
          rule={steps.find(isNamed)}
          value={search.hold}
          onChange={(hold) => set({ ...search, hold })}
        />
        <Exclusions search={search} set={set} />
        <GrainChoice
          title={t`Trend, every`}
          value={search.grain ?? grain}
          onChange={(key) => set({ ...search, grain: key === grain ? undefined : key })}
        />
      </More>
    </>
  )
}

/** Events that must not come between steps: which, between which, and what becomes of those who have them. */
function Exclusions({ search, set }: Props) {
  const { t } = useLingui()
  const events = useEvents()
  const all = search.without ?? []
  const put = (next: Without[]) => set({ ...search, without: next.length > 0 ? next : undefined })
  const n = search.steps?.length ?? 0
  const places = Array.from({ length: n }, (_, index) => ({ key: String(index + 1), label: t`Step ${index + 1}` }))
  return (
    <Group title={t`Must not come between the steps`}>
      {all.map((one, index) => {
        const from = one.from ?? 1
        const to = one.to ?? n
        const change = (next: Partial<Without>) => put(all.with(index, { ...one, ...next }))
        return (
          <div key={index} className={styles.without}>
            <div className={styles.step}>
              <RulePress rule={one.when} label={t`Exclusion ${index + 1}`} onChange={(when) => change({ when })} />
              <IconButton label={t`Remove ${ruleName(one.when)}`} size="s" onPress={() => put(all.toSpliced(index, 1))}>
                <Icon name="close" size={12} />
              </IconButton>
            </div>
            {n > 2 && (
              <div className={styles.between}>
                <Select
                  label={t`After`}
                  value={String(from)}
                  onChange={(key) => change({ from: Number(key) === 1 ? undefined : Number(key) })}
                  options={places.slice(0, -1).map((place) => ({ ...place, disabled: Number(place.key) >= to }))}
                />
                <Select
                  label={t`Before`}
                  value={String(to)}
                  onChange={(key) => change({ to: Number(key) === n ? undefined : Number(key) })}
                  options={places.slice(1).map((place) => ({ ...place, disabled: Number(place.key) <= from }))}
                />
              </div>
            )}
            <Select
              label={t`Who does it anyway`}
              value={one.mode ?? 'ends_attempt'}
              onChange={(key) => change({ mode: key === 'removes_person' ? key : undefined })}
              options={[
                { key: 'ends_attempt', label: t`drops off there` },
                { key: 'removes_person', label: t`is not counted at all` },
              ]}
            />
          </div>
        )
      })}
      <div className={styles.adds}>
        <EventPicker
          label={t`Exclude an event`}
          events={events}
          picked={[]}
          closes
          onPick={(event) => put([...all, { when: { event } }])}
        />
      </div>
    </Group>
  )
}
