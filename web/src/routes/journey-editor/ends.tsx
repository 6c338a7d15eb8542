import { Trans, useLingui } from '@lingui/react/macro'
import { withEmotion, withExits } from '~/lib/journey/draft'
import { asList, propertiesOf } from '~/lib/journey/rule'
import type { EmotionSource } from '~/lib/journey/types'
import { Button, Combo, Icon, IconButton, Problems } from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { useEditing } from './context'
import { Fold } from './fold'
import styles from './form.module.css'
import { NumberText } from './inputs'
import ruleStyles from './rule.module.css'
import { RuleFields } from './rule-fields'

/** What ends a journey early, and where feeling is read from; folded away until needed. */
export function Ends() {
  const { t } = useLingui()
  const { body, problems, opened, toggle } = useEditing()
  const n_emotion = body.emotion?.length ?? 0
  const n_exits = body.exits?.length ?? 0
  const of = (anchor: string) => problems.filter((problem) => problem.anchor === anchor)
  return (
    <section className={`card ${styles.ends}`} aria-label={t`Feelings and exits`}>
      <Fold
        title={t`What people feel`}
        note={n_emotion > 0 ? String(n_emotion) : t`a score on an event, such as a survey's`}
        isOpen={opened.has('emotion') || of('emotion').length > 0}
        onToggle={() => toggle('emotion')}
      >
        <Problems problems={of('emotion')} />
        <Emotions />
      </Fold>
      <Fold
        title={t`What ends it`}
        note={n_exits > 0 ? String(n_exits) : t`an event after which the journey is over, such as unsubscribing`}
        isOpen={opened.has('exits') || of('exits').length > 0}
        onToggle={() => toggle('exits')}
      >
        <Problems problems={of('exits')} />
        <Exits />
      </Fold>
    </section>
  )
}

function Exits() {
  const { t } = useLingui()
  const { body, set } = useEditing()
  const exits = body.exits ?? []
  return (
    <>
      {exits.map((rule, index) => (
        <div key={index} className={box.box}>
          <div className={box.head}>
            <span className="soft small">{t`The journey ends when`}</span>
            <IconButton
              label={t`Remove this exit`}
              size="s"
              onPress={() => set((now) => withExits(now, exits.toSpliced(index, 1)))}
            >
              <Icon name="trash" />
            </IconButton>
          </div>
          <RuleFields
            rule={rule}
            onChange={(next, of) => set((now) => withExits(now, exits.with(index, next)), of && `x:${index}${of}`)}
          />
        </div>
      ))}
      <div>
        <Button size="s" onPress={() => set((now) => withExits(now, [...exits, { event: [] }]))}>
          <Icon name="plus" size={12} />
          <Trans>Exit</Trans>
        </Button>
      </div>
    </>
  )
}

function Emotions() {
  const { t } = useLingui()
  const { body, set, events } = useEditing()
  const sources = body.emotion ?? []
  const put = (index: number, source: EmotionSource, of?: string) =>
    set((now) => withEmotion(now, sources.with(index, source)), of && `e:${index}${of}`)
  return (
    <>
      {sources.map((source, index) => {
        const known = asList(source.when.event).flatMap((name) => events?.get(name) ?? [])
        const numbers = propertiesOf(known).filter((property) => property.kind === 'number')
        return (
          <div key={index} className={box.box}>
            <div className={box.head}>
              <span className="soft small">{t`The answer is on`}</span>
              <IconButton
                label={t`Remove this source`}
                size="s"
                onPress={() => set((now) => withEmotion(now, sources.toSpliced(index, 1)))}
              >
                <Icon name="trash" />
              </IconButton>
            </div>
            <RuleFields rule={source.when} onChange={(when, of) => put(index, { ...source, when }, of)} />
            <div className={ruleStyles.scale}>
              <Combo
                label={t`Property with the number`}
                value={source.property}
                allowsCustom
                options={numbers.map((property) => ({
                  key: property.key,
                  label: property.key,
                  note: property.examples.slice(0, 4).map(String).join(' · '),
                }))}
                onChange={(property) => put(index, { ...source, property }, 'property')}
              />
              <NumberText
                label={t`Worst, drawn as −2`}
                value={source.worst}
                onChange={(worst) => worst !== null && put(index, { ...source, worst }, 'worst')}
              />
              <NumberText
                label={t`Best, drawn as +2`}
                value={source.best}
                onChange={(best) => best !== null && put(index, { ...source, best }, 'best')}
              />
            </div>
          </div>
        )
      })}
      <div>
        <Button
          size="s"
          onPress={() =>
            set((now) => withEmotion(now, [...sources, { when: { event: [] }, property: 'score', worst: 0, best: 10 }]))
          }
        >
          <Icon name="plus" size={12} />
          <Trans>Source of feeling</Trans>
        </Button>
      </div>
    </>
  )
}
