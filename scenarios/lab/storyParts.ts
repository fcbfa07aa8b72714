import { Clock, Effect } from "effect"
import { Uplink } from "#simulator/faults/Uplink.ts"
import type { TrueConnector, TrueToken } from "#simulator/oracles/Oracle.ts"
import type { Wire } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import type { Habits } from "#simulator/station/Habits.ts"
import type { Connect, Run } from "#simulator/station/Link.ts"
import { status16, status201 } from "#simulator/station/Phase.ts"
import { optionsOf, type Preset, type PresetChanges } from "#simulator/station/presets/Preset.ts"
import type { Settings } from "#simulator/station/Settings.ts"
import { Station } from "#simulator/station/Station.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { hardwareOf, presetOf } from "../explore/build.ts"
import { DeadLines } from "../explore/DeadLines.ts"
import { type Actor, habitsOf, settingsOf } from "../explore/Stage.ts"
import { driverOf, type Story } from "../explore/Story.ts"

/** A card of a story, which begins at `startAtMs`, as the world knows it before anything happens to it. */
export const trueToken = (card: Story["cards"][number], index: number, startAtMs: number): TrueToken => ({
  uid: card.uid,
  driverId: driverOf(card, index),
  groupId: card.group ?? null,
  expiresAtMs: card.expires === undefined ? null : startAtMs + card.expires * 1000,
  blockedAtMs: null,
  concurrencyLimit: card.limit ?? null,
  allowedStations: null
})

/** The stations, switched off still. */
export const actorsOf = (
  { seed, stations, firmware }: Story,
  world: {
    readonly connect: Connect
    readonly wire: Wire
    readonly truth: Truth
    readonly timers: TimersApi
    readonly run: Run
    /** Instead of the story's own, where the world asks for it. */
    readonly settings?: Partial<Settings>
    readonly habits?: Partial<Habits>
  }
): ReadonlyMap<string, Actor> => {
  const { connect, wire, truth, timers, run } = world
  const root = Stream.make(seed, "stations")
  const settings = Object.freeze({ ...settingsOf(firmware), ...world.settings })
  const habits = Object.freeze({ ...habitsOf(firmware), ...world.habits })
  return new Map(
    stations.map((each) => {
      const { id, dialect } = each
      const hardware = hardwareOf(each)
      const preset = presetOf(each)
      const uplink = new Uplink(timers)
      const deadLines = new DeadLines()
      const station = new Station({
        identity: id,
        hardware,
        dialects: [dialect],
        password: null,
        ...(preset === undefined ? { settings, habits } : kindOf(preset, world)),
        stream: root.split(id),
        timers,
        run,
        connect: uplink.through(deadLines.through(connect)),
        truth,
        observer: wire.complaints(id, "station")
      })
      return [id, { station, uplink, deadLines, evses: hardware.evses.length }]
    })
  )
}

/** What a kind decides beside its hardware; the world's wishes come last. */
const kindOf = (preset: Preset, { settings = {}, habits = {} }: PresetChanges) => {
  const options = optionsOf(preset, { settings, habits })
  return { settings: options.settings, habits: options.habits }
}

/**
 * Waits until nothing happens at the stations and nothing is left to tell, as long as it may. One that is not let in has
 * its connectors to tell still: of a charge that it forgot nothing else says that it is over.
 */
export const quiet = Effect.fnUntraced(function* (
  actors: ReadonlyMap<string, Actor>,
  { withinMs, everyMs }: { readonly withinMs: number; readonly everyMs: number }
) {
  const untilMs = (yield* Clock.currentTimeMillis) + withinMs
  while ((yield* Clock.currentTimeMillis) < untilMs) {
    if ([...actors.values()].every(({ station }) => station.isQuiet && station.registration === "Accepted")) return
    yield* Effect.sleep(everyMs)
  }
})

/**
 * What the stations that have nothing left to tell told last of their connectors. Not of those whose last word was given
 * up, or whose clock was turned back: what they say looks older than what they said before.
 */
export const toldConnectors = (actors: ReadonlyMap<string, Actor>, truth: Truth): ReadonlyArray<TrueConnector> =>
  [...actors].flatMap(([stationId, { station }]) =>
    !station.isConnected || station.queued > 0 || station.registration !== "Accepted"
      ? []
      : station.toldStatuses
          .filter(({ evseId, connectorId }) => !truth.isUnheard(stationId, evseId, connectorId))
          .filter(() => !truth.turnedBack.has(stationId))
          .map((told) => ({ stationId, ...told }))
  )

/** What each connector of the stations in touch is, in the words of its dialect. */
export const connectorsOf = ({ stations }: Story, actors: ReadonlyMap<string, Actor>): ReadonlyArray<TrueConnector> =>
  stations.flatMap(({ id, dialect }) => {
    const { station, evses } = actors.get(id)!
    if (!station.isConnected) return []
    return Array.from({ length: evses }, (_, index): TrueConnector => {
      const { id: evseId, phase } = station.evse(index + 1)
      const status = dialect === "1.6" ? status16(phase, true) : status201(phase, true)
      return { stationId: id, evseId, connectorId: 1, status }
    })
  })
