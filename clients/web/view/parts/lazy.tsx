import { signal } from '@preact/signals'
import type { FunctionComponent } from 'preact'
import { useEffect } from 'preact/hooks'

/**
 * A component whose code is fetched when it is first shown; until then nothing stands in its place.
 * Where it cannot be fetched, that is a fault of what shows it.
 */
export function lazy<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
): FunctionComponent<P> {
  const loaded = signal<{ View: FunctionComponent<P> } | { error: unknown } | null>(null)
  return (props) => {
    useEffect(() => {
      load().then(
        (View) => (loaded.value = { View }),
        (error: unknown) => (loaded.value = { error }),
      )
    }, [])
    if (loaded.value === null) return null
    if ('error' in loaded.value) throw loaded.value.error
    const { View } = loaded.value
    return <View {...props} />
  }
}
