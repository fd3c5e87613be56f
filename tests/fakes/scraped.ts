/** Prometheus' text format, read. */

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Scraped {
  samples: Sample[]
  /** Sum of the samples of a name that have such labels. */
  value: (name: string, labels?: Record<string, string>) => number
}

/** Throws where a line is not of the format. */
export async function scrape(url: string): Promise<Scraped> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const samples = text.split('\n').flatMap((line) => (/^(#|$)/.test(line) ? [] : sampleOf(line)))
  return {
    samples,
    value: (name, labels = {}) =>
      samples
        .filter((sample) => sample.name === name)
        .filter((sample) =>
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
        )
        .reduce((sum, sample) => sum + sample.value, 0),
  }
}

function sampleOf(line: string): Sample {
  const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
  if (parts === null) throw new Error(`not a sample: ${line}`)
  const [, name = '', labels = '', value = ''] = parts
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: Number(value.replace('Inf', 'Infinity')),
  }
}
