/** What differs between two values, field by field, such as `samples: 5 → 8`. */
export function differences(before: unknown, now: unknown, path = ''): string[] {
  if (isFields(before) && isFields(now)) {
    const names = new Set([...Object.keys(before), ...Object.keys(now)])
    return [...names].flatMap((name) =>
      differences(before[name], now[name], path === '' ? name : `${path}.${name}`),
    )
  }
  const [one, other] = [before, now].map((value) => JSON.stringify(value) ?? 'not set')
  return one === other ? [] : [`${path}: ${one} → ${other}`]
}

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
