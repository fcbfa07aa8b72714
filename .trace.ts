import { readFileSync } from "node:fs"
import { Effect } from "effect"
const root = process.cwd()
const { parse } = await import(root + "/scenarios/explore/Story.ts")
const { runStory } = await import(root + "/scenarios/lab/story.ts")
const { storyOf } = await import(root + "/scenarios/explore/generate.ts")
const arg = process.argv[2]!
const story = arg.endsWith(".json") ? await Effect.runPromise(parse(readFileSync(arg, "utf8"))) : storyOf(arg)
const t0: any = { v: null }
const r: any = await Effect.runPromise(Effect.exit(runStory(story, { store: "memory", onEvent: (e: any) => {
  t0.v ??= e.atMs
  console.log(((e.atMs - t0.v) / 1000).toFixed(1).padStart(8), e.entity, e.kind ?? "", (typeof e.text === "string" ? e.text : JSON.stringify({ ...e, atMs: undefined, entity: undefined, kind: undefined })).slice(0, Number(process.env.W ?? 420)))
} })))
if (r._tag === "Failure") console.log(JSON.stringify(r.cause).slice(0, 2000))
else for (const o of r.value.oracles) if (o.verdict === "FAIL") console.log(o.name, JSON.stringify(o.failures, null, 1).slice(0, 3000))
process.exit(0)
