import { Trans, useLingui } from '@lingui/react/macro'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { problemsIn } from '~/lib/api/client'
import { type Link, linksOf, mergeIds, unmergeLink } from '~/lib/api/person'
import { peopleList } from '~/lib/api/queries'
import type { PersonView } from '~/lib/api/types'
import { endsOf, idText, mergePlan } from '~/lib/identity'
import {
  Button,
  cx,
  Dialog,
  Empty,
  Failed,
  Icon,
  Loading,
  PersonName,
  Problems,
  personLabel,
  SearchField,
  Skeleton,
  Tag,
  TraitLine,
  toast,
  toastProblem,
  useTyped,
} from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import styles from './identity.module.css'

/** Which identifiers were found to be this person, how that is known, and the ways to correct it. */
export function Identity({ person }: { person: PersonView }) {
  const { t } = useLingui()
  const { data, error, refetch } = useQuery(linksOf(person))
  const [isMerging, setMerging] = useState(false)
  return (
    <section className={`card ${styles.identity}`} aria-label={t`Identity`}>
      <div className={styles.head}>
        <h2>
          <Trans>Identity</Trans>
        </h2>
        <Button size="s" onPress={() => setMerging(true)}>
          <Icon name="link" size={14} />
          <Trans>Merge</Trans>
        </Button>
      </div>
      {error && !data ? (
        <Failed error={error} retry={() => refetch()} compact />
      ) : !data ? (
        <Loading>
          <Skeleton height="64px" radius="8px" />
        </Loading>
      ) : data.length === 0 ? (
        <p className="soft small">
          <Trans>No identifiers were joined: everything came under one.</Trans>
        </p>
      ) : (
        <ul className={styles.links}>
          {data.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </ul>
      )}
      {isMerging && <MergeDialog here={person} onClose={() => setMerging(false)} />}
    </section>
  )
}

function LinkRow({ link }: { link: Link }) {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const undo = useMutation({
    mutationFn: () => unmergeLink(link.id),
    onSuccess: () => {
      void queries.invalidateQueries()
      const { from, into } = endsOf(link)
      toast({
        text: t`${link.from_id} is a person of its own again`,
        action: {
          label: t`Undo`,
          run: () =>
            void mergeIds(from, into)
              .then(() => queries.invalidateQueries())
              .catch(toastProblem),
        },
      })
    },
    onError: toastProblem,
  })
  return (
    <li className={cx(styles.link, link.state !== 'in_force' && styles.over)}>
      <div className={styles.ends}>
        <span className={styles.id}>{link.from_id}</span>
        <span aria-hidden="true" className="faint">
          →
        </span>
        <span className="sr-only">
          <Trans>is the same as</Trans>
        </span>
        <span className={styles.id}>{link.into_id}</span>
        {link.state === 'refused' && <Tag tone="guess">{t`refused`}</Tag>}
        {link.state === 'undone' && <Tag>{t`undone`}</Tag>}
      </div>
      <div className={styles.linkFoot}>
        <span className="faint small" title={f.moment(link.time_us)}>
          {f.ago(link.time_us)} · {link.source}
        </span>
        {link.state === 'in_force' && (
          <Button
            size="s"
            variant="quiet"
            aria-label={t`Take back: ${link.from_id}`}
            onPress={() => undo.mutate()}
            isPending={undo.isPending}
          >
            <Trans>Take back</Trans>
          </Button>
        )}
      </div>
      {link.state === 'refused' && (
        <p className="faint small">
          <Trans>It was somebody else's already when this was claimed.</Trans>
        </p>
      )}
    </li>
  )
}

/** Finds the other person, shows what becomes of the two, and joins them; that can be taken back. */
function MergeDialog({ here, onClose }: { here: PersonView; onClose: () => void }) {
  const { t } = useLingui()
  const f = useFormat()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [sought, setSought] = useState('')
  const typed = useTyped(sought, setSought)
  const [other, setOther] = useState<PersonView>()
  const found = useQuery({ ...peopleList({ search: sought.trim() }), enabled: sought.trim().length >= 2 })
  const people = (found.data?.people ?? []).filter((one) => one.person !== here.person).slice(0, 8)
  const plan = other && mergePlan(here, other)
  const merge = useMutation({
    mutationFn: async () => {
      if (!plan) throw new Error('nobody was chosen')
      return { ...(await mergeIds(plan.from, plan.into)), plan }
    },
    onSuccess: ({ link, plan }) => {
      void queries.invalidateQueries()
      toast({
        text: t`${idText(plan.from)} and ${idText(plan.into)} are one person now`,
        action: {
          label: t`Undo`,
          run: () =>
            void unmergeLink(link)
              .then(() => queries.invalidateQueries())
              .catch(toastProblem),
        },
      })
      onClose()
      void navigate({ to: '/people/$person', params: { person: plan.keeps.person } })
    },
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={t`Merge with another person`}
      note={<Trans>For when two are one: a second account, a phone number at the till.</Trans>}
      actions={
        <>
          <Button onPress={onClose}>
            <Trans>Cancel</Trans>
          </Button>
          <Button variant="primary" isDisabled={!plan} isPending={merge.isPending} onPress={() => merge.mutate()}>
            <Trans>Merge</Trans>
          </Button>
        </>
      }
    >
      <div className={styles.merge}>
        {!other ? (
          <>
            <SearchField {...typed} label={t`Find the other person`} placeholder={t`Identifier or name`} autoFocus />
            {people.length > 0 ? (
              <ul className={styles.found}>
                {people.map((one) => (
                  <li key={one.person}>
                    <AriaButton className={styles.candidate} onPress={() => setOther(one)}>
                      <PersonName person={one} />
                      <TraitLine traits={one.traits} most={2} />
                      <span className="faint small">{t`${f.whole(one.n_events)} events`}</span>
                    </AriaButton>
                  </li>
                ))}
              </ul>
            ) : sought.trim().length >= 2 && !found.isFetching ? (
              <Empty compact title={<Trans>Nobody else is found</Trans>} />
            ) : null}
          </>
        ) : (
          <>
            <div className={styles.pair}>
              <Half person={here} isKept={plan?.keeps.person === here.person} />
              <span aria-hidden="true" className="faint">
                +
              </span>
              <Half person={other} isKept={plan?.keeps.person === other.person} />
            </div>
            {plan ? (
              <ul className={styles.facts}>
                <li>
                  <Trans>
                    Together they have {f.whole(here.n_events + other.n_events)} events, in every number and at once.
                  </Trans>
                </li>
                <li>
                  <Trans>
                    What comes in later for {idText(plan.from)} is {idText(plan.into)}'s too.
                  </Trans>
                </li>
                <li>
                  <Trans>It can be taken back at any time; your name stays with it.</Trans>
                </li>
              </ul>
            ) : (
              <p className={styles.bad}>
                <Trans>One of them has no identifier to be merged by.</Trans>
              </p>
            )}
            {merge.error && <Problems problems={problemsIn(merge.error)} live />}
            <Button
              size="s"
              variant="quiet"
              onPress={() => {
                merge.reset()
                setOther(undefined)
              }}
            >
              <Icon name="left" size={14} />
              <Trans>Choose somebody else</Trans>
            </Button>
          </>
        )}
      </div>
    </Dialog>
  )
}

function Half({ person, isKept }: { person: PersonView; isKept: boolean }) {
  const { t } = useLingui()
  const f = useFormat()
  const { id } = personLabel(person)
  return (
    <div className={styles.half}>
      <PersonName person={person} />
      <span className={styles.id}>{id}</span>
      <span className="soft small">{t`${f.whole(person.n_events)} events`}</span>
      {isKept && <Tag tone="real">{t`stays`}</Tag>}
    </div>
  )
}
