import { describe, expect, test } from 'vitest'
import { faultOf, shortReason } from './fault'

/** What of the text the fault marks. */
const marked = (text: string, reason: string) => {
  const fault = faultOf(text, reason)
  return fault && text.slice(fault.from, fault.to)
}

describe('where a query went wrong', () => {
  test.each([
    ['selec * from events', 'ParserError("Expected: an SQL statement, found: selec at Line: 1, Column: 1")', 'selec'],
    [
      'select event,\n count( from events',
      'ParserError("Expected: ), found: events at Line: 2, Column: 14")',
      'events',
    ],
    // The engine counts characters; 🎁 is two units of the editor.
    ["select '🎁' frm events", 'Expected: end of statement, found: frm at Line: 1, Column: 12', 'frm'],
    // Past the end: the last character there is.
    ['select (\n', 'Expected: an expression, found: EOF at Line: 2, Column: 1', '('],
    ['select (', 'Expected: an expression, found: EOF at Line: 9, Column: 1', '('],
    ['select (', 'Expected: an expression, found: EOF', '('],
    // Names it does not know,
    ['select evnt from events', "No field named evnt. Did you mean 'events.event'?\nValid fields are a, b.", 'evnt'],
    ['select e.evnt from events e', 'No field named e.evnt. Valid fields are e.a.', 'e.evnt'],
    ['select Event from events', 'No field named "Event". Valid fields are a.', 'Event'],
    ['select * from event', "Error during planning: table 'gilmok.public.event' not found", 'event'],
    ['select cuont(*) from events', "Invalid function 'cuont'.\nDid you mean 'count'?", 'cuont'],
    // not where the same word stands in a comment or a text.
    ["-- evnt\nselect 'evnt', evnt from events", 'No field named evnt. Valid fields are a.', 'evnt'],
  ])('%s', (text, reason, wanted) => {
    expect(marked(text, reason)).toBe(wanted)
  })

  test('the comment and the text before it are passed over', () => {
    const text = "-- evnt\nselect 'evnt', evnt from events"
    expect(faultOf(text, 'No field named evnt. Valid fields are a.')?.from).toBe(text.lastIndexOf('evnt'))
  })

  test('it points nowhere when the reason does not', () => {
    expect(faultOf('select 1/0', 'Arrow error: Divide by zero error')).toBeNull()
    expect(faultOf('select 1', 'No field named gone. Valid fields are a.')).toBeNull()
  })

  test('tells what may have been meant', () => {
    const reason = "No field named evnt. Did you mean 'events.event'?\nValid fields are events.person."
    expect(faultOf('select evnt', reason)?.meant).toBe('event')
  })

  test('the reason is said without the list of all columns', () => {
    expect(shortReason("Schema error: No field named evnt. Did you mean 'events.event'?\nValid fields are a, b.")).toBe(
      "Schema error: No field named evnt. Did you mean 'events.event'?",
    )
    expect(shortReason('SQL error: ParserError("Expected: ), found: x at Line: 1, Column: 2")')).toBe(
      'Expected: ), found: x at Line: 1, Column: 2',
    )
  })
})
