import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { merge, orNone } from '~/lib/draft'
import type { JourneyBody } from '~/lib/journey/types'
import { Choice, Problems, SegmentRule, Select, WordsField } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useEditing } from './context'
import styles from './form.module.css'
import { DurationField } from './inputs'

/** What rules the whole journey, each with what it means. */
export function HeadCard() {
  const f = useFormat()
  const { t } = useLingui()
  const { body, set, segments, problems } = useEditing()
  const own = problems.filter((problem) => problem.anchor === 'head')
  const put = (fields: Partial<JourneyBody>, of?: string) => set((now) => merge(now, fields), of && `j:${of}`)
  const last = f.say(body.stages.at(-1)?.name)
  const names = new Set(body.stages.map((stage) => stage.key))
  const strayConversion = body.conversion && !names.has(body.conversion) ? body.conversion : null
  const straySegment =
    body.population && !segments.some((segment) => segment.key === body.population) ? body.population : null
  return (
    <section className={`card ${styles.headCard}`} aria-label={t`The whole journey`}>
      {own.length > 0 && <Problems problems={own} />}
      <div className={styles.pair}>
        <WordsField label={t`Name of the journey`} text={body.name} onChange={(name) => put({ name }, 'name')} />
        <WordsField
          label={t`Description`}
          text={body.description}
          onChange={(text) => put({ description: orNone(text) }, 'description')}
          placeholder={t`From where to where, and whose`}
        />
      </div>
      <div className={styles.settings}>
        <Explained note={t`A person joins the journey at a touchpoint of these stages.`}>
          <Choice
            label={t`It may start in`}
            value={body.start ?? 'first_stage'}
            onChange={(start) => put({ start })}
            options={[
              { key: 'first_stage', label: t`the first stage` },
              { key: 'any_stage', label: t`any stage` },
            ]}
          />
        </Explained>
        <Explained note={t`Longest time from the start that still counts. After it the journey of a person ends.`}>
          <DurationField
            label={t`Window`}
            value={body.window ?? '90d'}
            placeholder="90"
            onChange={(window) => put({ window }, 'window')}
          />
        </Explained>
        <Explained note={t`A silence longer than this ends the journey sooner; the person counts as dropped off.`}>
          <DurationField
            label={t`Time-out`}
            value={body.timeout}
            placeholder={t`none`}
            onChange={(timeout) => put({ timeout }, 'timeout')}
          />
        </Explained>
        <Explained note={t`Who enters this stage has converted. It rules the conversion rate everywhere.`}>
          <Select
            label={t`Conversion stage`}
            value={body.conversion ?? ''}
            onChange={(key) => put({ conversion: key === '' ? undefined : key })}
            error={strayConversion ? t`This stage is not there.` : null}
            options={[
              { key: '', label: t`the last one (${last})` },
              ...body.stages.map((stage) => ({ key: stage.key, label: f.say(stage.name) || stage.key })),
              ...(strayConversion ? [{ key: strayConversion, label: strayConversion }] : []),
            ]}
          />
        </Explained>
        {(segments.length > 0 || body.population) && (
          <Explained note={t`Only people of this segment are measured.`}>
            <Select
              label={t`Whose journey`}
              value={body.population ?? ''}
              onChange={(key) => put({ population: key === '' ? undefined : key })}
              options={[
                { key: '', label: t`everybody` },
                ...segments.map((segment) => ({
                  key: segment.key,
                  label: segment.name,
                  note: <SegmentRule segment={segment.key} />,
                })),
                ...(straySegment ? [{ key: straySegment, label: straySegment }] : []),
              ]}
            />
          </Explained>
        )}
      </div>
    </section>
  )
}

function Explained({ note, children }: { note: string; children: ReactNode }) {
  return (
    <div className={styles.explained}>
      {children}
      <p className={styles.explain}>{note}</p>
    </div>
  )
}
