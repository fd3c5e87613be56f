const most = 50
const answered = new Set<string>()

/**
 * A model as a metric may call it. Callers make up names, so only those that a server answered to
 * are told apart, and of these so many.
 */
export function modelLabel(model: string, hasAnswered = false): string {
  if (hasAnswered && answered.size < most) answered.add(model)
  return answered.has(model) ? model : '_OTHER'
}
