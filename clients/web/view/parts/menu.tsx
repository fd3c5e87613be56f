import { useEffect, useRef } from 'preact/hooks'

export interface MenuItem {
  readonly name: string
  readonly about: string
  readonly choose: () => void
}

/** A button that unfolds a list of things to do. */
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  const menu = useRef<HTMLDetailsElement>(null)
  const close = () => menu.current?.removeAttribute('open')
  useEffect(() => {
    const outside = ({ target }: Event) => {
      if (!(target instanceof Node && menu.current?.contains(target))) close()
    }
    const escape = ({ key }: KeyboardEvent) => {
      if (key !== 'Escape' || menu.current?.open !== true) return
      close()
      menu.current.querySelector('summary')?.focus()
    }
    addEventListener('keydown', escape)
    addEventListener('pointerdown', outside)
    addEventListener('focusin', outside)
    return () => {
      removeEventListener('keydown', escape)
      removeEventListener('pointerdown', outside)
      removeEventListener('focusin', outside)
    }
  }, [])
  return (
    <details class="menu" ref={menu}>
      <summary class="button">{label}</summary>
      <ul>
        {items.map(({ name, about, choose }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => {
                close()
                choose()
              }}
            >
              <span>{name}</span>
              <small>{about}</small>
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
