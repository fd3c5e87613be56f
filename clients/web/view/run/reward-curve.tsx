import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type ChartDot, path, rewardChart } from '../../../common/chart.ts'
import { formatReward, placeName } from '../../../common/format.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'

const height = 240

export function RewardCurve({ store }: { store: RunStore }) {
  const run = store.run.value
  if (run === null || run.history.length === 0) return null
  return (
    <section class="curve" aria-labelledby="curve">
      <header>
        <h2 id="curve">{words.value.run.curve}</h2>
        <ul class="legend" aria-hidden="true">
          <li class="legend-answer">{words.value.run.legendAnswer}</li>
          <li class="legend-mean">{words.value.run.legendMean}</li>
          <li class="legend-band">{words.value.run.legendBand}</li>
          <li class="legend-best">{words.value.run.legendBest}</li>
        </ul>
      </header>
      <div class="curve-body">
        <Chart
          branches={[{ dots: store.dots.value, best: run.best }]}
          iterations={run.mode === 'bon' ? 0 : run.iterations}
        />
        <table>
          <thead>
            <tr>
              <th scope="col">{words.value.run.columnIteration}</th>
              <th scope="col">{words.value.run.columnMean}</th>
              <th scope="col">{words.value.run.columnBest}</th>
              <th scope="col">{words.value.run.columnSpread}</th>
            </tr>
          </thead>
          <tbody>
            {run.history.map(({ iteration, mean, best, std }) => (
              <tr key={iteration}>
                <th scope="row">{iteration}</th>
                <td>{formatReward(mean)}</td>
                <td>{formatReward(best)}</td>
                <td>{formatReward(std)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface ChartProps {
  branches: readonly {
    readonly dots: readonly ChartDot[]
    readonly best: Pick<ChartDot, 'iteration' | 'index'> | null
  }[]
  /** The last iteration to make room for. */
  iterations: number
}

/** Rewards by iteration of a branch, or of several on one scale, each in its colour. */
export function Chart({ branches, iterations }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null)
  const width = useSignal(0)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      width.value = entry?.contentRect.width ?? 0
    })
    if (frame.current !== null) observer.observe(frame.current)
    return () => observer.disconnect()
  }, [])
  const all = branches.flatMap(({ dots }) => dots)
  const size = {
    width: width.value,
    height,
    iterations: Math.max(iterations, ...all.map(({ iteration }) => iteration)),
    rewards: all.map(({ reward }) => reward),
  }
  const scale = rewardChart([], size)
  return (
    <div class="chart" ref={frame}>
      {width.value > 0 && (
        <svg width={width.value} height={height} role="img" aria-label={words.value.run.curveAbout}>
          {scale.rewardTicks.map(({ reward, y }) => (
            <g key={reward}>
              <line class="grid" x1={scale.left} x2={scale.right} y1={y} y2={y} />
              <text class="tick" x={scale.left - 10} y={y} dy="0.32em" text-anchor="end">
                {tickLabel(reward)}
              </text>
            </g>
          ))}
          {scale.iterationTicks.map(({ iteration, x }) => (
            <text key={iteration} class="tick" x={x} y={height - 6} text-anchor="middle">
              {iteration}
            </text>
          ))}
          {branches.map(({ dots, best }, at) => {
            const chart = rewardChart(dots, size)
            return (
              // oxlint-disable-next-line react/no-array-index-key -- its place is its colour
              <g key={at} class={`branch-${at + 1}`}>
                {chart.band.length > 0 && <path class="band" d={`${path(chart.band)}Z`} />}
                <path class="mean" d={path(chart.mean)} />
                <path class="best" d={path(chart.best)} />
                {chart.dots.map(({ iteration, index, reward, x, y }) => {
                  const isBest = best?.iteration === iteration && best.index === index
                  return (
                    <circle
                      key={placeName(iteration, index)}
                      class={isBest ? 'dot is-best' : 'dot'}
                      cx={x}
                      cy={y}
                      r={isBest ? 6 : 4.5}
                    >
                      <title>{`${placeName(iteration, index)}: ${formatReward(reward)}`}</title>
                    </circle>
                  )
                })}
              </g>
            )
          })}
        </svg>
      )}
    </div>
  )
}

/** As few digits as a round value needs. */
const tickLabel = (reward: number) => String(Number(reward.toPrecision(6))).replace('-', '\u2212')
