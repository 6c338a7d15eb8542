import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { document, putDocument, removeDocument } from '~/lib/api/queries'
import type { JourneyView, Scope } from '~/lib/api/types'
import type { ViewSearch } from '~/lib/period'
import {
  cx,
  Figure,
  Icon,
  IconButton,
  Menu,
  MenuItem,
  MenuLine,
  MenuTrigger,
  Problems,
  StackedBar,
  toast,
  toastProblem,
  usePeopleDrawer,
} from '~/lib/ui'
import box from '~/lib/ui/box.module.css'
import { useFormat } from '~/lib/use-format'
import styles from './journeys.module.css'
import { stageColor } from './stage-color'

/** One journey of the list: its answer first (conversion), then where people stand now. */
export function JourneyCard({ journey, view, scope }: { journey: JourneyView; view: ViewSearch; scope: Scope }) {
  const f = useFormat()
  const { t } = useLingui()
  const navigate = useNavigate()
  const name = f.say(journey.name)
  const remove = useRemoval(journey)
  const map = journey.map
  return (
    <article className={cx('card', box.card)}>
      <div className={styles.head}>
        <h2 className={styles.name}>
          {map ? (
            <Link to="/maps/$key" params={{ key: map }} search={view} className={styles.link}>
              {name}
            </Link>
          ) : (
            name
          )}
        </h2>
        {journey.description && <p className={styles.description}>{f.say(journey.description)}</p>}
        <span className={styles.changed}>
          <Trans>changed {f.ago(journey.changed_us)}</Trans>
        </span>
        <div className={styles.menu}>
          <MenuTrigger>
            <IconButton label={t`More about ${name}`} size="s">
              <Icon name="more" />
            </IconButton>
            <Menu>
              <MenuItem
                icon="journey"
                isDisabled={!map}
                onAction={() => map && navigate({ to: '/maps/$key', params: { key: map }, search: view })}
              >
                {t`Open the map`}
              </MenuItem>
              <MenuItem
                icon="edit"
                onAction={() => navigate({ to: '/journeys/$key/edit', params: { key: journey.key } })}
              >
                {t`Edit journey`}
              </MenuItem>
              <MenuLine />
              <MenuItem icon="trash" danger onAction={() => remove.mutate()}>
                {t`Delete`}
              </MenuItem>
            </Menu>
          </MenuTrigger>
        </div>
      </div>
      {journey.problems.length > 0 && <Problems problems={journey.problems} />}
      <div className={styles.body}>
        <div className={styles.figures}>
          <Figure figure={journey.conversion} label={t`Conversion`} scope={scope} doubt history />
          <Figure figure={journey.people} label={t`People in`} scope={scope} history />
          <Figure figure={journey.time_to_convert} label={t`Median time`} scope={scope} />
        </div>
        <Standing journey={journey} scope={scope} />
      </div>
    </article>
  )
}

/** Where people are now: a bar by stage, and each stage's number to press. */
function Standing({ journey, scope }: { journey: JourneyView; scope: Scope }) {
  const f = useFormat()
  const { t } = useLingui()
  const showPeople = usePeopleDrawer()
  const total = journey.stages.reduce((sum, stage) => sum + stage.here, 0)
  const parts = journey.stages.map((stage, at) => ({
    key: stage.key,
    label: f.say(stage.name),
    value: stage.here,
    color: stageColor(at, journey.stages.length),
  }))
  return (
    <div className={styles.standing}>
      <p className={styles.standingHead}>
        <Trans>Where people stand now</Trans> <span className="faint">{f.whole(total)}</span>
      </p>
      <StackedBar parts={parts} height={12} />
      <ul className={styles.stages}>
        {parts.map((part) => (
          <li key={part.key}>
            <button
              type="button"
              className={styles.stage}
              disabled={part.value === 0}
              onClick={() =>
                showPeople({
                  of: { select: 'journey', journey: journey.key, outcome: 'here', stage: part.key },
                  scope,
                  title: t`In ${part.label} now`,
                  count: part.value,
                })
              }
            >
              <span className={styles.swatch} style={{ background: part.color }} />
              <span>{part.label}</span>
              <b>{f.whole(part.value)}</b>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Deletes the journey's document; undo writes the same body again (its history was kept). */
function useRemoval(journey: JourneyView) {
  const f = useFormat()
  const { t } = useLingui()
  const queries = useQueryClient()
  const refresh = () => queries.invalidateQueries({ queryKey: ['journeys'] })
  const name = f.say(journey.name)
  const restore = useMutation({
    mutationFn: (body: Parameters<typeof putDocument>[0]) => putDocument(body, null),
    onSuccess: refresh,
    onError: toastProblem,
  })
  return useMutation({
    mutationFn: async () => {
      const { body } = await queries.fetchQuery(document('journey', journey.key))
      await removeDocument('journey', journey.key)
      return body
    },
    onSuccess: (body) => {
      void refresh()
      const said = f.josa(name, '을/를')
      toast({ text: t`Deleted ${said}`, action: { label: t`Undo`, run: () => restore.mutate(body) } })
    },
    onError: toastProblem,
  })
}
