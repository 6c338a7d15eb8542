import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useMemo } from 'react'
import { mapHistory } from '~/lib/map/api'
import { type Difference, diffMaps } from '~/lib/map/diff'
import type { MapBody, MapDocument, StageView } from '~/lib/map/types'
import { fieldNames, toneNames } from '~/lib/map/words'
import { Button, Drawer, Failed, Loading, Skeleton, Tag } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { useLaneName } from './lane-title'
import styles from './versions.module.css'

export interface VersionsProps {
  mapKey: string
  isOpen: boolean
  onOpenChange: (open: boolean) => void
  stages: StageView[]
  /** Absent where nothing may be changed. */
  onRestore?: (body: MapBody) => void
}

/** Every stored version, what it changed, and the way back to it. */
export function Versions({ mapKey, isOpen, onOpenChange, stages, onRestore }: VersionsProps) {
  const { data, error, refetch } = useQuery({ ...mapHistory(mapKey), enabled: isOpen })
  return (
    <Drawer
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={<Trans>Versions</Trans>}
      note={<Trans>Each save is kept. Going back makes a new version and can be undone.</Trans>}
    >
      {(close) => (
        <>
          {error && <Failed error={error} retry={() => void refetch()} compact />}
          {!data && !error && (
            <Loading>
              {[0, 1, 2, 3].map((row) => (
                <div key={row} className={styles.version}>
                  <Skeleton width="45%" height="14px" />
                  <Skeleton width="80%" height="12px" />
                </div>
              ))}
            </Loading>
          )}
          <ol className={styles.list}>
            {data?.map((version, index) => (
              <Version
                key={version.version}
                version={version}
                before={data[index + 1]}
                isNewest={index === 0}
                stages={stages}
                onRestore={
                  onRestore &&
                  (() => {
                    onRestore(version.body)
                    close()
                  })
                }
              />
            ))}
          </ol>
        </>
      )}
    </Drawer>
  )
}

/** Differences shown before the rest is folded. */
const MOST = 8

function Version({
  version,
  before,
  isNewest,
  stages,
  onRestore,
}: {
  version: MapDocument
  before: MapDocument | undefined
  isNewest: boolean
  stages: StageView[]
  onRestore?: () => void
}) {
  const f = useFormat()
  const { t } = useLingui()
  const differences = useMemo(() => (before ? diffMaps(before.body, version.body) : []), [before, version])
  const [shown, rest] = [differences.slice(0, MOST), differences.slice(MOST)]
  const number = version.version
  return (
    <li className={styles.version}>
      <div className={styles.top}>
        <b>
          <Trans>Version {number}</Trans>
        </b>
        {isNewest && <Tag tone="real">{t`now`}</Tag>}
        <span className={styles.when}>
          {version.author} · <time title={f.moment(version.created_us)}>{f.ago(version.created_us)}</time>
        </span>
      </div>
      <ul className={styles.differences}>
        {!before && (
          <li>
            <Trans>The map was made.</Trans>
          </li>
        )}
        {before && differences.length === 0 && (
          <li>
            <Trans>Nothing a reader would see.</Trans>
          </li>
        )}
        {shown.map((difference, index) => (
          <DifferenceLine key={index} difference={difference} stages={stages} />
        ))}
      </ul>
      {rest.length > 0 && (
        <details className={styles.rest}>
          <summary>
            <Trans>{rest.length} more changes</Trans>
          </summary>
          <ul className={styles.differences}>
            {rest.map((difference, index) => (
              <DifferenceLine key={index} difference={difference} stages={stages} />
            ))}
          </ul>
        </details>
      )}
      {!isNewest && onRestore && (
        <Button size="s" onPress={onRestore}>
          <Trans>Go back to version {number}</Trans>
        </Button>
      )}
    </li>
  )
}

/** One difference in a sentence; what went is struck through, what came is underlined. */
function DifferenceLine({ difference: one, stages }: { difference: Difference; stages: StageView[] }) {
  const f = useFormat()
  const { i18n, t } = useLingui()
  const laneName = useLaneName()
  const stageName = (key: string) => f.say(stages.find((stage) => stage.key === key)?.name) || key
  const gone = (text: ReactNode) => <del>{text}</del>
  const come = (text: ReactNode) => <ins>{text}</ins>
  switch (one.what) {
    case 'card_added':
      return (
        <Line place={`${laneName(one.lane)} · ${stageName(one.card.stage)}`}>
          <Trans>Added {come(f.say(one.card.text))}</Trans>
        </Line>
      )
    case 'card_removed':
      return (
        <Line place={`${laneName(one.lane)} · ${stageName(one.card.stage)}`}>
          <Trans>Deleted {gone(f.say(one.card.text))}</Trans>
        </Line>
      )
    case 'card_text':
      return (
        <Line place={`${laneName(one.lane)} · ${stageName(one.card.stage)}`}>
          {gone(f.say(one.before))} → {come(f.say(one.after))}
        </Line>
      )
    case 'card_moved': {
      const isSameLane = one.from.lane.key === one.to.lane.key
      const [from, to] = isSameLane
        ? [stageName(one.from.stage), stageName(one.to.stage)]
        : [
            `${laneName(one.from.lane)} · ${stageName(one.from.stage)}`,
            `${laneName(one.to.lane)} · ${stageName(one.to.stage)}`,
          ]
      return (
        <Line place={isSameLane ? laneName(one.to.lane) : ''}>
          <Trans>
            Moved “{f.say(one.card.text)}” from {from} to {to}
          </Trans>
        </Line>
      )
    }
    case 'card_field': {
      const write = (value: unknown): string => {
        if (one.field === 'tone') return i18n._(toneNames[(value as keyof typeof toneNames) ?? 'plain'])
        if (one.field === 'value') return value == null ? '' : f.money(value as number)
        if (one.field === 'tags') return ((value as string[]) ?? []).join(', ')
        return f.say(value as string)
      }
      const [before, after] = [write(one.before), write(one.after)]
      return (
        <Line place={`${laneName(one.lane)} · ${f.say(one.card.text)}`}>
          {i18n._(fieldNames[one.field])}: {before && gone(before)} {before && after && '→ '}
          {after && come(after)}
        </Line>
      )
    }
    case 'cards_ordered':
      return (
        <Line place={laneName(one.lane)}>
          <Trans>Cards in another order</Trans>
        </Line>
      )
    case 'lane_added':
      return (
        <Line place="">
          <Trans>
            Lane added: {come(laneName(one.lane))} ({one.n_cards} cards)
          </Trans>
        </Line>
      )
    case 'lane_removed':
      return (
        <Line place="">
          <Trans>
            Lane removed: {gone(laneName(one.lane))} ({one.n_cards} cards)
          </Trans>
        </Line>
      )
    case 'lane_renamed':
      return (
        <Line place={t`Title of the lane`}>
          {gone(laneName({ kind: one.lane.kind, name: one.before }))} →{' '}
          {come(laneName({ kind: one.lane.kind, name: one.after }))}
        </Line>
      )
    case 'lanes_ordered':
      return (
        <Line place="">
          <Trans>Lanes in another order</Trans>
        </Line>
      )
    case 'assumed':
      return (
        <Line place={`${laneName({ kind: 'emotion', name: null })} · ${stageName(one.stage)}`}>
          <Trans>
            Assumption {gone(f.signed(one.before, 1))} → {come(f.signed(one.after, 1))}
          </Trans>
        </Line>
      )
    case 'named':
      return (
        <Line place={t`Name of the map`}>
          {gone(f.say(one.before))} → {come(f.say(one.after))}
        </Line>
      )
    case 'state':
      return <Line place="">{one.after === 'future' ? t`Now a plan` : t`Now as it is`}</Line>
    case 'settings':
      return (
        <Line place="">
          <Trans>Journey, personas or segments changed</Trans>
        </Line>
      )
  }
}

function Line({ place, children }: { place: string; children: ReactNode }) {
  return (
    <li>
      {place && <span className={styles.place}>{place} </span>}
      {children}
    </li>
  )
}
