import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { drainTime } from '../../host/drain.ts'
import { packageVersion } from '../../host/package-root.ts'
import { metric } from '../../shared/telemetry/names.ts'
import { imageOf, targets } from './dockerfile.ts'
import { type Manifest, parseManifests, selects, type Workload } from './manifests.ts'
import { newSecrets } from './new-secrets.ts'
import { kubernetesValidate, kustomize } from './tools.ts'
import { unknownVariables } from './variables.ts'

const overlays = ['cpu', 'gpu']

/** Each is built once, and read by many tests. */
const built = new Map<string, Promise<string>>()
function build(overlay: string): Promise<string> {
  const text = built.get(overlay) ?? kustomize.run(`deploy/kubernetes/overlays/${overlay}`)
  built.set(overlay, text)
  return text
}

const ofKind = <K extends Manifest['kind']>(all: readonly Manifest[], kind: K) =>
  all.filter((one): one is Extract<Manifest, { kind: K }> => one.kind === kind)

const read = async (overlay: string) => {
  const all = parseManifests(await build(overlay))
  const workloads = [...ofKind(all, 'Deployment'), ...ofKind(all, 'StatefulSet')]
  return { all, workloads }
}

/** Names and values that a container is given, those of its ConfigMap too. */
function environmentOf(all: readonly Manifest[], workload: Workload): Record<string, string> {
  const [container] = workload.spec.template.spec.containers
  const maps = container.envFrom.map(({ configMapRef: { name } }) =>
    ofKind(all, 'ConfigMap').find((one) => one.metadata.name === name),
  )
  const own = container.env.map(({ name, value = '' }) => [name, value] as const)
  return Object.assign({}, ...maps.map((map) => map?.data), Object.fromEntries(own))
}

test.skipIf(kustomize.missing || kubernetesValidate.missing)(
  'Kubernetes’ own schemas accept all of it',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tpo-kubernetes-'))
    const files = overlays.map((overlay) => join(folder, `${overlay}.yaml`))
    for (const [index, file] of files.entries()) {
      writeFileSync(file, await build(overlays[index] ?? ''))
    }
    const said = await kubernetesValidate.run('--strict', ...files)
    for (const file of files) expect(said).toContain(`${file} passed for resource deployment/api`)
  },
  120_000,
)

test.skipIf(kustomize.missing).each(overlays)(
  '%s: every pod is restricted, pinned and bounded',
  async (overlay) => {
    const { workloads } = await read(overlay)
    expect(workloads.map(({ metadata }) => metadata.name)).toContain('reward')
    for (const { metadata, spec } of workloads) {
      const { containers, ...pod } = spec.template.spec
      expect(metadata.namespace).toBe('tpo')
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      })
      expect(pod.securityContext.runAsUser, metadata.name).toBeGreaterThan(0)
      expect(containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(containers[0].image).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/)
    }
  },
)

test.skipIf(kustomize.missing).each(overlays)(
  '%s: our pods are our images, and end in order',
  async (overlay) => {
    const { workloads } = await read(overlay)
    for (const { metadata, spec } of workloads) {
      const { containers, terminationGracePeriodSeconds, securityContext } = spec.template.spec
      const [container] = containers
      const target = /^tpo-edge-([\w-]+):/.exec(container.image)?.[1]
      if (target === undefined) continue
      expect(targets).toContain(target)
      expect(container.image).toBe(`tpo-edge-${target}:${packageVersion}`)
      const image = imageOf(target)
      expect(container.ports.map((one) => one.containerPort)).toEqual([image.port])
      expect(spec.template.metadata.annotations['prometheus.io/port']).toBe(String(image.port))
      expect(image.user.split(':')[0]).toBe(String(securityContext.runAsUser))
      const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe]
      const paths = probes.flatMap((probe) => probe?.httpGet?.path ?? [])
      const usual = image.health.endsWith('readyz') ? ['/readyz', '/healthz'] : ['/healthz']
      expect(paths.length, metadata.name).toBeGreaterThanOrEqual(2)
      for (const path of paths) expect(usual, metadata.name).toContain(path)
      const pause = container.lifecycle?.preStop.sleep.seconds ?? 0
      const left = terminationGracePeriodSeconds - pause
      expect(left * 1000, metadata.name).toBeGreaterThan(drainTime)
    }
  },
)

test.skipIf(kustomize.missing).each(overlays)(
  '%s: every variable is read, every secret is made',
  async (overlay) => {
    const { all, workloads } = await read(overlay)
    const made = Object.keys(newSecrets())
    for (const workload of workloads) {
      const { name } = workload.metadata
      expect(unknownVariables(Object.keys(environmentOf(all, workload))), name).toEqual([])
      for (const { valueFrom } of workload.spec.template.spec.containers[0].env) {
        const secret = valueFrom?.secretKeyRef
        if (secret === undefined || secret.optional === true) continue
        expect(secret.name).toBe('tpo')
        expect(made).toContain(secret.key)
      }
    }
  },
)

test.skipIf(kustomize.missing).each(overlays)('%s: every selector finds a pod', async (overlay) => {
  const { all, workloads } = await read(overlay)
  const labels = workloads.map(({ spec }) => spec.template.metadata.labels)
  const selectors = [
    ...ofKind(all, 'Service').map(({ metadata, spec }) => ({
      metadata,
      selector: { matchLabels: spec.selector, matchExpressions: [] },
    })),
    ...ofKind(all, 'PodDisruptionBudget').map(({ metadata, spec }) => ({
      metadata,
      selector: spec.selector,
    })),
    ...ofKind(all, 'NetworkPolicy').map(({ metadata, spec }) => ({
      metadata,
      selector: spec.podSelector,
    })),
  ]
  for (const { metadata, selector } of selectors) {
    expect(
      labels.some((one) => selects(selector, one)),
      metadata.name,
    ).toBe(true)
  }
  for (const { spec } of ofKind(all, 'HorizontalPodAutoscaler')) {
    const { kind, name } = spec.scaleTargetRef
    const target = workloads.find((one) => one.kind === kind && one.metadata.name === name)
    expect(target, name).toBeDefined()
  }
})

test.skipIf(kustomize.missing).each(overlays)(
  '%s: who is to call whom may do so, and nobody else',
  async (overlay) => {
    const { all, workloads } = await read(overlay)
    const policies = ofKind(all, 'NetworkPolicy').map(({ spec }) => spec)
    const isOpen = (from: Workload, to: Workload, port: number) => {
      const source = from.spec.template.metadata.labels
      const target = to.spec.template.metadata.labels
      const leaves = policies
        .filter((one) => selects(one.podSelector, source))
        .flatMap((one) => one.egress)
        .some((edge) => names(edge.to, target) && edge.ports.some((one) => one.port === port))
      const enters = policies
        .filter((one) => selects(one.podSelector, target))
        .flatMap((one) => one.ingress)
        .some((edge) => names(edge.from, source) && edge.ports.some((one) => one.port === port))
      return leaves && enters
    }
    const edges: string[] = []
    for (const from of workloads) {
      const values = Object.values(environmentOf(all, from)).join(' ')
      const called = values.matchAll(
        /(?:\/\/(?:\S*@)?|^|\s)([a-z]+)(?:\.\S+?\.svc\.cluster\.local)?:(\d{4})\b/g,
      )
      for (const [, host = '', port = ''] of called) {
        const edge = `${from.metadata.name} → ${host}:${port}`
        const service = ofKind(all, 'Service').find((one) => one.metadata.name === host)
        const to = workloads.find((one) => one.metadata.name === host)
        expect(
          service?.spec.ports.map((one) => one.port),
          edge,
        ).toContain(Number(port))
        expect(to && isOpen(from, to, Number(port)), edge).toBe(true)
        edges.push(edge)
      }
    }
    expect(edges.length).toBeGreaterThan(5)
    const [api, redis, reward] = ['api', 'redis', 'reward'].map((name) =>
      workloads.find((one) => one.metadata.name === name),
    )
    if (!api || !redis || !reward) throw new Error('a workload is missing')
    expect(isOpen(reward, redis, 6379)).toBe(false)
    expect(isOpen(api, reward, 7861)).toBe(false)
  },
)

type Peers = Extract<Manifest, { kind: 'NetworkPolicy' }>['spec']['ingress'][number]['from']

/** Whether an edge is for a pod of this namespace. */
const names = (peers: Peers, labels: Record<string, string>): boolean =>
  peers === undefined ||
  peers.some(
    ({ podSelector, namespaceSelector }) =>
      namespaceSelector === undefined && podSelector !== undefined && selects(podSelector, labels),
  )

const Rules = z.array(z.object({ seriesQuery: z.string() }))
const Adapter = z.object({ rules: z.object({ custom: Rules, external: Rules }) })

test.skipIf(kustomize.missing)('what autoscalers go by is what the adapter serves', async () => {
  const { all } = await read('cpu')
  const { rules } = Adapter.parse(
    parse(readFileSync('deploy/kubernetes/prometheus-adapter.yaml', 'utf8')),
  )
  const served = (of: z.output<typeof Rules>) => of.map((rule) => rule.seriesQuery.split('{')[0])
  const wanted = ofKind(all, 'HorizontalPodAutoscaler').flatMap(({ spec }) => spec.metrics)
  expect(wanted.flatMap(({ pods }) => pods?.metric.name ?? [])).toEqual(served(rules.custom))
  expect(wanted.flatMap(({ external }) => external?.metric.name ?? [])).toEqual(
    served(rules.external),
  )
  expect(Object.values(metric)).toContain(served(rules.custom)[0])
})
