import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { ApiError } from '../api/client'
import { call } from '../api/raw'
import type { Ask } from '../api/types'
import type { AnswerOf, AnyAnswer, AnyAsk, AskOf } from './types'

/** A question with its answer, and how long the answer took to come, milliseconds. */
export interface Answered<Question extends AnyAsk, Answer extends AnyAnswer> {
  question: Question
  answer: Answer
  took_ms: number
}

/**
 * Asks any question document. The last answer stays while the next is on its way: it carries its own question, so that a
 * chart never reads the new question against the old numbers.
 */
export const askedAny = <Question extends AnyAsk, Answer extends AnyAnswer>(question: Question | null) =>
  queryOptions({
    queryKey: ['ask', question],
    queryFn: async ({ signal }): Promise<Answered<Question, Answer>> => {
      if (question === null) throw new Error('nothing to ask')
      const start = performance.now()
      const { answer } = await call<{ answer: Answer }>('POST', 'ask', { json: question, signal })
      if (answer?.answer !== question.ask) throw new ApiError(200, [])
      return { question, answer, took_ms: performance.now() - start }
    },
    enabled: question !== null,
    placeholderData: keepPreviousData,
    // An answer only changes when events come in; a page that is opened again shows it at once and asks anew.
    gcTime: 30 * 60_000,
  })

/** The same, for questions of the API's document. */
export const asked = <Name extends Ask['ask']>(question: AskOf<Name> | null) =>
  askedAny<AskOf<Name> & AnyAsk, AnswerOf<Name> & AnyAnswer>(question as (AskOf<Name> & AnyAsk) | null)

/** Whether the server refused because it does not know this kind of question: it is older than the page. */
export const isUnknownQuestion = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.code === 'request.body' &&
  error.problems.some((problem) =>
    /unknown variant|unknown field/.test(typeof problem.message === 'string' ? problem.message : problem.message.en),
  )
