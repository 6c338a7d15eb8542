import { useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Figure } from '~/lib/api/types'
import { NumberButton } from '~/lib/ui'
import { useFormat } from '~/lib/use-format'
import { type FigureAsked, useMapActions } from './context'

export interface FigureButtonProps extends FigureAsked {
  /** Part of the grid: reached by its arrow keys rather than by Tab. */
  inGrid?: boolean
  className?: string
  /** What is seen; the number when absent. */
  children?: ReactNode
  tight?: boolean
}

/** The change of a number in words, for those who do not see the arrow. */
export function useChangeWords() {
  const f = useFormat()
  const { t } = useLingui()
  return (figure: Figure): string => {
    const change = f.change(figure.value, figure.previous, figure.unit)
    if (!change) return ''
    if (change.sign === 0) return t`no change`
    return change.sign > 0 ? t`up ${change.text}` : t`down ${change.text}`
  }
}

/** A number to press: opens its definition, history and people. */
export function FigureButton({ inGrid, className, children, tight, ...asked }: FigureButtonProps) {
  const f = useFormat()
  const changeWords = useChangeWords()
  const { actions } = useMapActions()
  const { figure, label } = asked
  const value = f.measure(figure.value, figure.unit, tight)
  const words = [label, value, changeWords(figure)].filter(Boolean).join(', ')
  return (
    <NumberButton
      className={className}
      aria-haspopup="dialog"
      aria-label={words}
      {...(inGrid ? { tabIndex: -1, 'data-item': true } : {})}
      onClick={(event) => actions.openFigure(asked, event.currentTarget)}
    >
      {children ?? value}
    </NumberButton>
  )
}
