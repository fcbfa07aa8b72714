/** The look of a report, light and dark as the reader's system is, or as `data-theme` on the root element says. */
export const style = `
:root { color-scheme: light dark;
  --ink: light-dark(#1b2230, #e5e9f0); --dim: light-dark(#586376, #9ba6b7); --faint: light-dark(#8b95a5, #6d7889);
  --line: light-dark(#dfe4eb, #2a323f); --hair: light-dark(#edf0f4, #1f2631);
  --ground: light-dark(#ffffff, #10141b); --raised: light-dark(#f6f8fb, #171d27);
  --link: light-dark(#0b57d0, #8ab4f8); --data: light-dark(#2f62d4, #7ea6fb); --data-soft: light-dark(#dbe6fd, #1f3259);
  --good: light-dark(#126b3c, #63cc97); --good-ground: light-dark(#eef8f2, #12231b);
  --bad: light-dark(#b3161f, #ff8580); --bad-ground: light-dark(#fdf2f2, #2a1618); --bad-line: light-dark(#f0c6c6, #57292b);
  --warn: light-dark(#855000, #ecb75f); --warn-ground: light-dark(#fdf6ea, #2a2113) }
:root[data-theme=light] { color-scheme: light } :root[data-theme=dark] { color-scheme: dark }
* { box-sizing: border-box }
html { scroll-padding-top: 56px; -webkit-text-size-adjust: 100% }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif;
  font-variant-numeric: tabular-nums }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px }
.skip { position: absolute; left: -999px } .skip:focus { left: 16px; top: 8px; background: var(--ground); padding: 4px 10px; z-index: 9 }
.wide { max-width: 1088px; margin: 0 auto; padding: 0 24px }
h1, h2, h3, h4, p, dl, dd, figure { margin: 0 }
h2 { font-size: 20px; line-height: 1.3; letter-spacing: -.01em; margin-bottom: 4px }
h3 { font-size: 15px; margin: 22px 0 4px }
section { padding: 34px 0 0 } .lede { color: var(--dim); max-width: 74ch; text-wrap: pretty }
code, pre, .mono { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
code { overflow-wrap: anywhere }

.head { border-top: 6px solid var(--tone); background: var(--tone-ground); border-bottom: 1px solid var(--line) }
.head .wide { padding-top: 20px; padding-bottom: 26px }
.head, .run { --tone: var(--good); --tone-ground: var(--good-ground) }
.FAIL { --tone: var(--bad); --tone-ground: var(--bad-ground) } .BLIND { --tone: var(--warn); --tone-ground: var(--warn-ground) }
.brand { font-size: 13px; color: var(--dim); display: flex; justify-content: space-between; gap: 16px; flex-wrap: wrap }
.brand b { color: var(--ink); font-weight: 650; letter-spacing: -.01em }
.verdict { display: flex; align-items: baseline; gap: 14px; flex-wrap: wrap; margin-top: 18px }
.word { color: var(--tone); font-size: 40px; font-weight: 750; line-height: 1.1; letter-spacing: -.02em; white-space: nowrap }
.verdict h1 { font-size: 28px; line-height: 1.2; letter-spacing: -.02em; font-weight: 600; overflow-wrap: anywhere }
.claim { font-size: 17px; margin-top: 8px; max-width: 74ch; text-wrap: pretty }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(138px, 1fr)); gap: 14px 20px; margin-top: 22px }
.figures div { border-left: 2px solid var(--line); padding-left: 12px } .figures dt { font-size: 12.5px; color: var(--dim) }
.figures dd { font-size: 19px; font-weight: 600; letter-spacing: -.01em; line-height: 1.35 } .figures small { font-size: 12.5px; font-weight: 400; color: var(--dim); letter-spacing: 0 }

nav.toc { position: sticky; top: 0; z-index: 5; background: var(--ground); border-bottom: 1px solid var(--line); font-size: 13.5px }
nav.toc .wide { display: flex; gap: 4px 18px; overflow-x: auto; padding-top: 9px; padding-bottom: 9px; white-space: nowrap; scrollbar-width: none }
nav.toc a { color: var(--dim) } nav.toc a:hover { color: var(--ink) } nav.toc a.FAIL { color: var(--bad); font-weight: 600 }

.scroll { overflow-x: auto; margin-top: 10px }
table { border-collapse: collapse; width: 100%; font-size: 14px }
caption { text-align: left; color: var(--dim); font-size: 13px; padding: 0 0 6px }
th, td { padding: 6px 18px 6px 0; text-align: left; vertical-align: top; border-top: 1px solid var(--hair) }
thead th { font-size: 12.5px; font-weight: 500; color: var(--dim); border-top: 0; border-bottom: 1px solid var(--line); vertical-align: bottom; white-space: nowrap }
tbody th { font-weight: 500; min-width: 132px } .n { text-align: right; white-space: nowrap } th:last-child, td:last-child { padding-right: 0 }
tfoot td, tfoot th { border-top: 1px solid var(--line); font-weight: 600 } .zero { color: var(--faint) } .note { color: var(--dim); font-size: 13px }
.badge { display: inline-block; font-size: 12px; font-weight: 650; letter-spacing: .02em; white-space: nowrap; color: var(--tone) }
.badge { --tone: var(--good) } .badge.FAIL { --tone: var(--bad) } .badge.BLIND { --tone: var(--warn) }
tr.FAIL > * { background: var(--bad-ground) } tr.FAIL > :first-child { box-shadow: inset 3px 0 var(--bad); padding-left: 10px }

details > summary { cursor: pointer } .fold > summary::marker { font-size: .8em; color: var(--faint) } summary:hover { color: var(--link) }
.fold { font-size: 13.5px } .fold p { color: var(--dim); margin-top: 3px; max-width: 80ch }
.failure { border: 1px solid var(--bad-line); border-left: 4px solid var(--bad); border-radius: 6px; padding: 11px 16px 4px; margin-top: 10px; background: var(--ground) }
.failure > p { font-weight: 600; text-wrap: pretty } .failure ul { list-style: none; margin: 8px 0 0; padding: 0 }
.failure li { display: grid; grid-template-columns: minmax(150px, 300px) minmax(0, 1fr) max-content; gap: 2px 24px; padding: 8px 0; border-top: 1px solid var(--hair); font-size: 14px; scroll-margin-top: 60px } .failure li:target { background: var(--bad-ground) }
.failure .where { color: var(--dim); font-size: 12px; overflow-wrap: anywhere } .failure dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 14px; align-content: start }
.failure dt { color: var(--dim) } .failure dd { overflow-wrap: anywhere; white-space: pre-wrap; font-weight: 500 } .expected { color: var(--good) } .found { color: var(--bad) } p.go { white-space: nowrap }

figure { margin-top: 12px } figure > figcaption { font-size: 13px; color: var(--dim); margin-bottom: 2px }
figure .frame { overflow-x: auto; overflow-y: hidden } .plot { display: block; width: 100%; min-width: 620px; height: auto; color: var(--dim); overflow: visible }
.plot text { white-space: pre } .spark { display: block; height: 20px; width: 130px; color: var(--data) } .bar { display: block; height: 9px; margin-top: 6px; background: var(--data); border-radius: 2px; min-width: 1px }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--dim); margin-top: 4px } .key i { display: inline-block; width: 14px; height: 0; border-top: 3px solid; margin-right: 6px; vertical-align: middle }
.repeat { display: block; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; margin-top: 8px; overflow-wrap: anywhere; user-select: all }
footer { margin-top: 48px; border-top: 1px solid var(--line); padding: 18px 0 60px; color: var(--dim); font-size: 13px } footer p + p { margin-top: 2px }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (max-width: 640px) { .wide { padding-left: 16px; padding-right: 16px } .word { font-size: 32px } .verdict h1 { font-size: 22px } .claim { font-size: 16px }
  .failure li { grid-template-columns: minmax(0, 1fr); gap: 4px } .figures { grid-template-columns: repeat(2, minmax(0, 1fr)) } th, td { padding-right: 12px } section { padding-top: 28px } }
@media print { nav.toc { display: none } details:not([open]) > :not(summary) { display: none } .plot { min-width: 0 } }
`
