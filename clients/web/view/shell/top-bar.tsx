import { currentRun } from '../../state/current-run.ts'
import { addressOf, route, tabs } from '../../state/route.ts'
import { theme, themes } from '../../state/preferences.ts'
import { language, languages, words } from '../../words/index.ts'
import { LoginButton } from '../connect/login-button.tsx'
import { StatusDot } from '../connect/status-dot.tsx'
import { Mark } from './mark.tsx'

export function TopBar() {
  const { shell } = words.value
  const runId = currentRun.record.value?.id ?? null
  return (
    <header class="top">
      <a class="brand" href={addressOf({ tab: 'optimize', run: null })}>
        <Mark />
        {shell.name}
      </a>
      {tabs.length > 1 && (
        <nav aria-label={shell.name}>
          {tabs.map((tab) => (
            <a
              key={tab}
              href={addressOf({ tab, run: tab === 'optimize' ? runId : null })}
              aria-current={route.value.tab === tab ? 'page' : undefined}
            >
              {shell.tabs[tab]}
              {tab === 'connect' && <StatusDot />}
            </a>
          ))}
        </nav>
      )}
      <div class="top-aside">
        <LoginButton />
        <a href="/docs">{shell.docs}</a>
        <Choice
          label={shell.theme}
          value={theme}
          options={themes}
          name={(one) => shell.themes[one]}
        />
        <Choice
          label={shell.language}
          value={language}
          options={Object.keys(languages) as (keyof typeof languages)[]}
          name={(one) => languages[one]}
        />
      </div>
    </header>
  )
}

interface ChoiceProps<T extends string> {
  label: string
  value: { value: T }
  options: readonly T[]
  name: (option: T) => string
}

function Choice<T extends string>({ label, value, options, name }: ChoiceProps<T>) {
  return (
    <select
      class="choice"
      aria-label={label}
      title={label}
      value={value.value}
      onChange={({ currentTarget }) => {
        value.value = options.find((option) => option === currentTarget.value) ?? value.value
      }}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {name(option)}
        </option>
      ))}
    </select>
  )
}
