import type { CSSProperties } from 'react'
import { Loading, Skeleton } from '~/lib/ui'
import facts from './facts.module.css'
import grid from './grid.module.css'
import { useNarrow } from './phone'

const rows = [44, 116, 122, 60, 88, 60]

/** The map while its first numbers are on their way: the final layout, without words. */
export function MapSkeleton() {
  const isNarrow = useNarrow()
  const n_stages = isNarrow ? 1 : 5
  const columns = {
    '--columns': isNarrow ? '1fr' : `148px repeat(${n_stages}, minmax(0, 1fr))`,
  } as CSSProperties
  const stages = Array.from({ length: n_stages }, (_, index) => index)
  return (
    <Loading>
      <div className={facts.facts}>
        {['128px', '96px', '88px', '104px'].map((width) => (
          <div key={width} className={facts.fact} style={{ gap: 6, height: 66 }}>
            <Skeleton width="84px" height="12px" />
            <Skeleton width={width} height="24px" />
          </div>
        ))}
      </div>
      <div className={grid.frame} style={columns}>
        <div className={grid.row} style={{ borderTop: 0 }}>
          {!isNarrow && (
            <div className={grid.lane}>
              <Skeleton width="40px" height="12px" />
            </div>
          )}
          {stages.map((stage) => (
            <div key={stage} className={grid.cell} style={{ display: 'grid', gap: 9 }}>
              <Skeleton width="48px" height="16px" />
              <Skeleton width="110px" height="20px" />
              <Skeleton height="6px" radius="3px" />
            </div>
          ))}
        </div>
        {rows.map((height, index) => (
          <div key={index} className={grid.row}>
            {!isNarrow && (
              <div className={grid.lane}>
                <Skeleton width="68px" height="12px" />
              </div>
            )}
            {stages.map((stage) => (
              <div key={stage} className={grid.cell} style={{ height }}>
                <Skeleton height={`${Math.min(height - 20, 20 + ((stage * 37 + index * 23) % 40))}px`} radius="8px" />
              </div>
            ))}
          </div>
        ))}
      </div>
    </Loading>
  )
}
