extension ReportPage {
    /// Both colour schemes, a phone's width and paper.
    static let style = """
        :root { color-scheme: light dark; --text: #1b1b1f; --soft: #5d5f66; --page: #ffffff; --line: #d8dae0;
          --track: #eef0f4; --azure: #2f6fde; --pass: #1e8e5a; --sampling: #7a52c7; --door: #c77700;
          --exposed: #d13438; --good: #1a7f4b; --fair: #9a6700; --bad: #c4272d; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e8e9ed; --soft: #a5a8b1; --page: #16171b; --line: #34363d; --track: #24262c;
            --azure: #6ea0ff; --pass: #4cc38a; --sampling: #b794f6; --door: #f0a94a; --exposed: #ff7b7f;
            --good: #4cc38a; --fair: #e3b341; --bad: #ff7b7f; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1.25rem; padding-left: .75rem; border-left: .4rem solid; }
        h1.good { border-color: var(--good); } h1.fair { border-color: var(--fair); } h1.bad { border-color: var(--bad); }
        h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .25rem 1rem; margin: 0; }
        dt { color: var(--soft); } dd { margin: 0; }
        dd, td, code, p { overflow-wrap: anywhere; }
        td:nth-child(-n+2) { overflow-wrap: normal; }
        time { white-space: nowrap; }
        code { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
        .row { display: grid; grid-template-columns: 20rem 1fr; gap: .75rem; align-items: center; margin: .25rem 0; }
        .label { font-size: .875rem; }
        .track { position: relative; height: .9rem; background: var(--track); border-radius: .2rem; }
        .bar { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: .2rem; }
        .azure { background: var(--azure); } .pass { background: var(--pass); } .sampling { background: var(--sampling); }
        .door { background: var(--door); }
        .exposed { background: repeating-linear-gradient(135deg, var(--exposed) 0 6px, transparent 6px 10px);
          outline: 1px solid var(--exposed); }
        .ends { display: flex; justify-content: space-between; margin: .25rem 0 0; padding-left: 20.75rem;
          color: var(--soft); font-size: .8125rem; }
        table { width: 100%; border-collapse: collapse; font-size: .875rem; }
        th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; }
        ul { padding-left: 1.1rem; } li { margin: .4rem 0; }
        .digest { margin-top: 2.5rem; color: var(--soft); font-size: .875rem; }
        @media (max-width: 48rem) {
          dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
          .row { grid-template-columns: 1fr; gap: .1rem; margin: .5rem 0; } .ends { padding-left: 0; }
          thead { position: absolute; left: -99rem; } tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
          td { display: grid; grid-template-columns: 8rem 1fr; gap: .5rem; border: 0; padding: .15rem 0; }
          td::before { content: attr(data-title); color: var(--soft); } td:empty { display: none; }
        }
        @media print {
          body { font-size: 11pt; } main { max-width: none; padding: 0; }
          .bar, .track, .exposed { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          section, tr { break-inside: avoid; }
        }
        """
}
