import { billedWh, standing } from "#simulator/oracles/match.ts"
import { money as amount, count, duration, energy, plural } from "../cli/format.ts"
import { type Entry, type FrameEntry, instantOf } from "../telemetry/Exchange.ts"
import type { ExchangeRecord, RunRecord } from "../telemetry/RunRecord.ts"
import { digest, laidOut } from "./digest.ts"
import { type Html, html, type Part } from "./html.ts"
import { while_ } from "./latencyTable.ts"
import type { Section } from "./page.ts"
import { clock, clockMs, day, instant } from "./time.ts"

/** A silence of this length is said, a shorter one is seen from the times. */
const silenceMs = 120_000
/** A frame that travels longer than this was held up. */
const slowMs = 1_000

const routine = new Set(["Heartbeat", "StatusNotification", "BootNotification"])

const nth = (attempt: number): string => (attempt === 2 ? "2nd time" : attempt === 3 ? "3rd time" : `${attempt}th time`)

const tag = (words: string, tone = ""): Html => html`<span class="tag ${tone}">${words}</span>`

const tagsOf = (entry: FrameEntry): ReadonlyArray<Html> => {
  const { sentAtMs, arrivedAtMs, attempt } = entry
  return [
    ...(attempt > 1 ? [tag(nth(attempt), "warn")] : []),
    ...(sentAtMs === null ? [tag("a copy, made on the way", "warn")] : []),
    ...(arrivedAtMs === null ? [tag("✕ lost", "bad")] : []),
    ...(sentAtMs !== null && arrivedAtMs !== null && arrivedAtMs - sentAtMs >= slowMs
      ? [tag(`took ${while_((arrivedAtMs - sentAtMs) * 1000)}`, "warn")]
      : [])
  ]
}

const nameOf = ({ kind, action }: FrameEntry): Part =>
  kind === "call"
    ? html`<b>${action}</b>`
    : kind === "other"
      ? html`<b>no OCPP frame</b>`
      : html`<b class="answer">${action === "" ? "answer" : action}</b>${kind === "error" && [" ", tag("CALLERROR", "bad")]}`

const frameRow = (entry: FrameEntry): Html => {
  const classes = [
    "frame-row",
    entry.from === "station" ? "right" : "left",
    entry.kind,
    ...(entry.arrivedAtMs === null ? ["lost"] : []),
    ...(entry.sentAtMs === null ? ["copy"] : []),
    ...(routine.has(entry.action) ? ["routine"] : [])
  ]
  const direction = entry.from === "station" ? "station to CMS" : "CMS to station"
  const arrived = entry.arrivedAtMs === null ? "never arrived" : `arrived ${clockMs(entry.arrivedAtMs)}`
  return html`<li class="${classes.join(" ")}"><details><summary><time>${clockMs(instantOf(entry))}</time><span class="lane"><span class="visually-hidden">${direction}: </span><span class="label">${nameOf(entry)} <span class="words">${digest(entry)}</span>${tagsOf(entry).map((it) => [" ", it])}</span><span class="arrow" aria-hidden="true"></span></span></summary><p class="note">${direction}, ${
    entry.sentAtMs === null ? "never sent by its sender" : `sent ${clockMs(entry.sentAtMs)}`
  }, ${arrived}</p><pre>${laidOut(entry)}</pre></details></li>
`
}

const other = (text: Part, kind: string, at = ""): Html =>
  html`<li class="${kind}"><time>${at}</time><span class="lane"><span>${text}</span></span></li>
`

/** Readings and heartbeats that came once, in time and to their place: one has seen all when one has seen a few. */
const isUsual = (entry: Entry): entry is FrameEntry =>
  entry.what === "frame" &&
  tagsOf(entry).length === 0 &&
  (entry.action === "MeterValues" ||
    entry.action === "Heartbeat" ||
    (entry.action === "TransactionEvent" &&
      (entry.kind === "result" ? digest(entry) === "" : /"MeterValue(Periodic|Clock)"/.test(entry.text))))

/** So many of them in a row, and they are folded into one row. */
const usualRun = 8

/** Entries with runs of the usual set apart. */
const runsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<ReadonlyArray<Entry>> => {
  const runs: Array<Array<Entry>> = []
  for (const entry of entries) {
    const last = runs.at(-1)
    if (last !== undefined && isUsual(entry) && last.every(isUsual)) last.push(entry)
    else runs.push([entry])
  }
  return runs
}

/** The rows of a diagram, with what is silent between them said. */
const rowsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<Html> => {
  const rows: Array<Html> = []
  let lastMs = entries.length === 0 ? 0 : instantOf(entries[0]!)
  for (const run of runsOf(entries)) {
    const first = run[0]!
    const atMs = instantOf(first)
    if (day(atMs) !== day(lastMs)) rows.push(other(day(atMs), "silence"))
    else if (atMs - lastMs >= silenceMs) rows.push(other(`${duration((atMs - lastMs) / 1000)} of silence`, "silence"))
    if (run.length >= usualRun) rows.push(foldedRow(run as ReadonlyArray<FrameEntry>))
    else for (const entry of run) rows.push(rowOf(entry))
    const last = run.at(-1)!
    lastMs = Math.max(lastMs, last.what === "gap" ? last.toMs : instantOf(last))
  }
  return rows
}

const rowOf = (entry: Entry): Html => {
  if (entry.what === "frame") return frameRow(entry)
  if (entry.what === "note") return other(entry.text, "event", clockMs(entry.atMs))
  const words = `${plural(entry.frames, "frame")} in which nothing was odd, not kept, until ${clock(entry.toMs)}`
  return other(words, "silence", clockMs(entry.fromMs))
}

const foldedRow = (run: ReadonlyArray<FrameEntry>): Html =>
  html`<li class="usual"><details><summary><time>${clockMs(instantOf(run[0]!))}</time><span class="lane"><span>${plural(run.length, "frame")} of readings and heartbeats, nothing odd, until ${clock(instantOf(run.at(-1)!))}</span></span></summary><ol>${run.map(frameRow)}</ol></details></li>
`

const fact = (name: string, value: Part): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`

const truthOf = ({ session }: ExchangeRecord): Html | false =>
  session !== null &&
  html`<div><h4>What happened</h4><dl class="facts">${[
    fact("session", `${session.id}, OCPP ${session.dialect}, EVSE ${session.evseId}`),
    fact("card", session.tokenUid ?? "none"),
    fact(
      "from, to",
      `${instant(session.startedAtMs)} to ${session.endedAtMs === null ? "(never ended)" : instant(session.endedAtMs)}${session.startOffline ? ", begun offline" : ""}`
    ),
    fact(
      "meter",
      session.meterStopWh === null
        ? `${count(session.meterStartWh)} Wh at the start`
        : `${count(session.meterStartWh)} to ${count(session.meterStopWh)} Wh: ${energy(session.meterStopWh - session.meterStartWh)}`
    ),
    fact("end", `${session.stopReason ?? "none"}, ${session.endKnowledge ?? "not told"}`)
  ]}</dl></div>`

const booksOf = ({ booked }: ExchangeRecord): Html =>
  html`<div><h4>What the books say</h4>${
    booked === null
      ? html`<p class="note">Nothing, or they cannot be seen.</p>`
      : html`<dl class="facts">${[
          fact("transaction", booked.id),
          fact("status", booked.status),
          ...(booked.findings.length > 0 ? [fact("findings", booked.findings.join(", "))] : []),
          fact("standing", `${plural(standing(booked.cdrs), "CDR")}, ${energy(billedWh(booked.cdrs))}`),
          ...booked.cdrs.map((it) =>
            fact(it.credit ? "credit" : "CDR", `${amount(it.grossMinor, it.currency)}, ${energy(it.energyWh)}`)
          )
        ]}</dl>`
  }</div>`

const diagram = (exchange: ExchangeRecord, prefix: string, record: RunRecord, isOpen: boolean): Html => {
  const { id, stationId, evseId, wireId, failedBy, worstMs, frames, entries, session } = exchange
  const complaints = record.result.oracles.flatMap(({ name, failures }) =>
    failures.flatMap(({ sentence }, index) =>
      record.exchangeOf.get(`${name}/${index}`) === id
        ? [html`<li><a href="#${prefix}${name}-${index + 1}">${name}</a>: ${sentence}</li>`]
        : []
    )
  )
  const isShown = (it: Entry): boolean => it.what === "frame" && routine.has(it.action)
  const at = entries.length === 0 ? "" : clock(instantOf(entries[0]!))
  return html`<details class="exchange${failedBy.length > 0 && " FAIL"}" id="${prefix}${id}"${isOpen && html` open`}><summary><span class="sign" aria-hidden="true">${failedBy.length > 0 ? "✕" : "◷"}</span> <b>${stationId}</b> <span>EVSE ${evseId}, ${session?.id ?? `transaction ${wireId ?? "without an id"}`}, ${at}</span> <span class="why">${
    failedBy.length > 0 ? `failed: ${failedBy.join(", ")}` : `waited ${duration(worstMs / 1000)} for an answer`
  }</span></summary>
<div class="inside">${complaints.length > 0 && html`<ul class="complaints">${complaints}</ul>`}
<div class="sides">${truthOf(exchange)}${booksOf(exchange)}</div>
<p class="tools">${entries.some(isShown) && html`<label><input type="checkbox" class="quiet"> without heartbeats, boots and status</label>`}<button type="button" class="unfold" hidden>Unfold all frames</button><span class="note">${plural(frames, "frame")}; select one to read it as it was said.</span></p>
<div class="sequence"><p class="heads" aria-hidden="true"><span></span><span class="lane"><b>${stationId}</b><b>CMS</b></span></p><ol>${rowsOf(entries)}</ol></div></div></details>
`
}

/** The transactions worth reading, each with its messages as a sequence diagram. */
export const exchanges = (record: RunRecord, prefix: string): Section => {
  const failed = record.exchanges.filter(({ failedBy }) => failedBy.length > 0)
  const slow = record.exchanges.filter(({ failedBy }) => failedBy.length === 0)
  const { seen, kept } = record.logs
  const lede =
    `Every message between a station and the CMS, with what was lost, repeated or late; unfold one to see it. ` +
    (kept === seen
      ? `${plural(seen, "transaction")} followed.`
      : `${count(kept)} of ${count(seen)} logs were kept, the oddest.`)
  return {
    id: `${prefix}transactions`,
    title: "Transactions",
    lede,
    hasFailed: failed.length > 0,
    body: [
      failed.length > 0 && html`<h3>Those that an oracle complains about</h3>`,
      failed.map((it, index) => diagram(it, prefix, record, index === 0)),
      slow.length > 0 && html`<h3>Those that waited longest for an answer</h3>`,
      slow.map((it) => diagram(it, prefix, record, false)),
      record.exchanges.length === 0 && html`<p class="note">None.</p>`
    ]
  }
}

export const exchangeStyle = `
.exchange { border: 1px solid var(--line); border-radius: 8px; margin-top: 10px; background: var(--ground); scroll-margin-top: 56px }
.exchange.FAIL { border-left: 4px solid var(--bad) } .exchange > summary { padding: 9px 14px; list-style: none; display: flex; gap: 4px 10px; flex-wrap: wrap; align-items: baseline }
.exchange > summary::-webkit-details-marker { display: none } .exchange > summary::after { content: "▸"; color: var(--faint); margin-left: auto } .exchange[open] > summary::after { content: "▾" }
.exchange > summary span { color: var(--dim); font-size: 14px } .exchange .sign { width: 14px } .exchange.FAIL .sign, .exchange.FAIL .why { color: var(--bad) }
.exchange:target { outline: 2px solid var(--link) } .inside { border-top: 1px solid var(--line); padding: 12px 14px 18px }
.complaints { margin: 0 0 10px; padding-left: 20px } .sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 10px 32px; font-size: 13.5px }
.sides h4 { font-size: 12.5px; font-weight: 600; color: var(--dim); margin-bottom: 3px } .facts div { display: grid; grid-template-columns: 86px minmax(0, 1fr); gap: 10px } .facts dt { color: var(--dim) } .facts dd { overflow-wrap: anywhere }
.tools { display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: center; margin: 16px 0 6px; font-size: 13.5px } button { font: inherit; color: var(--link); background: none; border: 0; padding: 0; cursor: pointer } button:hover { text-decoration: underline }
.sequence { font-size: 13px; overflow-x: auto } .sequence ol { list-style: none; margin: 0; padding: 0 } .sequence summary { list-style: none } .sequence summary::-webkit-details-marker { display: none }
.usual > details > summary .lane { text-align: center; color: var(--dim); padding: 5px 12px; background: linear-gradient(var(--hair), var(--hair)) center / calc(100% - 24px) 22px no-repeat } .usual > details > summary .lane span::before { content: "▸ " } .usual > details[open] > summary .lane span::before { content: "▾ " }
.sequence li > details > summary, .sequence li.silence, .sequence li.event, .heads { display: grid; grid-template-columns: 92px minmax(0, 1fr); gap: 0 14px; align-items: stretch }
.sequence time { font: 12px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; color: var(--dim); padding-top: 7px; text-align: right }
.sequence .lane { display: block; position: relative; border-left: 2px solid var(--line); border-right: 2px solid var(--line); padding: 5px 12px 8px; min-width: 0 }
.heads { margin: 0; font-size: 13px } .heads .lane { display: flex; justify-content: space-between; border-color: transparent; padding: 0 0 4px }
.heads b { background: var(--raised); border: 1px solid var(--line); border-radius: 5px; padding: 1px 9px; overflow-wrap: anywhere } .heads b:first-child { margin-left: -2px } .heads b:last-child { margin-right: -2px }
.sequence summary:hover .lane { background: var(--raised) } .sequence summary:hover { color: inherit }
.label { display: block; overflow-wrap: anywhere } .left .label { text-align: right } .words { color: var(--dim) } .answer { font-weight: 500 } .answer::before { content: "↩ "; color: var(--faint) }
.arrow { display: block; position: relative; height: 0; margin: 4px -12px 0; border-top: 1.5px solid var(--data); color: var(--data) } .result .arrow, .error .arrow { border-top-style: dashed; border-top-width: 1px }
.arrow::after { content: ""; position: absolute; top: -5.5px; border: 5px solid transparent } .right .arrow::after { right: 0; border-left: 8px solid; border-right: 0 } .left .arrow::after { left: 0; border-right: 8px solid; border-left: 0 }
.error .arrow { color: var(--bad); border-color: var(--bad) }
.lost .arrow { color: var(--bad); border-color: var(--bad) } .right.lost .arrow { margin-right: 38% } .left.lost .arrow { margin-left: 38% }
.lost .arrow::after { content: "✕"; border: 0 !important; top: -11px; font-size: 15px; line-height: 20px; font-weight: 700 } .right.lost .arrow::after { right: -8px } .left.lost .arrow::after { left: -8px }
.copy .arrow { color: var(--warn); border-color: var(--warn) } .right.copy .arrow { margin-left: 38% } .left.copy .arrow { margin-right: 38% }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; font-size: 11.5px; line-height: 1.5; font-weight: 600; white-space: nowrap } .tag.warn { color: var(--warn); background: var(--warn-ground) } .tag.bad { color: var(--bad); background: var(--bad-ground) }
.event .lane, .silence .lane { text-align: center; padding: 4px 12px } .event .lane span { display: inline-block; background: var(--warn-ground); color: var(--warn); border-radius: 4px; padding: 1px 10px } .silence .lane { color: var(--faint) } .silence .lane::before, .silence .lane::after { content: " ⋯ " }
.sequence details[open] > p, .sequence details[open] > pre { margin: 0 0 0 106px } .sequence pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 420px; overflow: auto }
.sequence details[open] > p { padding: 4px 0 } .sequence .frame-row > details[open] { padding-bottom: 8px }
.exchange:has(.quiet:checked) .routine { display: none }
@media (max-width: 640px) { .sequence li > details > summary, .sequence li.silence, .sequence li.event, .heads { grid-template-columns: 62px minmax(0, 1fr); gap: 0 8px } .sequence time { font-size: 10px; padding-top: 8px; text-align: left; letter-spacing: -.02em } .sequence details[open] > p, .sequence details[open] > pre { margin-left: 0 } .sequence .lane { padding-left: 8px; padding-right: 8px } .arrow { margin-left: -8px; margin-right: -8px } .inside { padding-left: 10px; padding-right: 10px } }
`

/** Opens what a link leads to, and unfolds frames; without it the page says all the same. */
export const exchangeScript = `
(() => {
  const show = () => {
    const at = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!at) return;
    for (let it = at; it; it = it.parentElement) if (it.tagName === "DETAILS") it.open = true;
    at.scrollIntoView();
  };
  addEventListener("hashchange", show);
  show();
  for (const button of document.querySelectorAll("button.unfold")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const frames = [...button.closest(".exchange").querySelectorAll(".sequence details")];
      const open = frames.some((it) => !it.open);
      for (const it of frames) it.open = open;
      button.textContent = open ? "Fold all frames" : "Unfold all frames";
    });
  }
})();
`
