# Onde tem sessões, e que navegadores são conhecidos.
sessions-title = Sessões e navegadores
sessions-what = Ver onde tem sessões, e terminá-las em todo o lado
sessions-signed-in = Onde tem sessões
sessions-here = Este navegador
sessions-since = De { $client }, desde { $date }.
sessions-portal-since = Em { $portal }, de { $client }, desde { $date }.
sessions-seen = Última atividade: { $ago }.
sessions-seen-now = Em uso agora.
sessions-left = Próximo código { $left }.
sessions-passed = Espera um código.
sessions-end = Terminar
sessions-end-this = Terminar a sessão em { $browser } de { $client }
sessions-end-others = Terminar todas as outras sessões
sessions-browsers = Navegadores conhecidos
sessions-browsers-what = Nestes já iniciou sessão por completo. Se alguém tentar adivinhar o acesso à sua conta, pode continuar neles.
sessions-browsers-none = Nenhum navegador é conhecido.
sessions-known = Conhecido desde { $date }, última sessão: { $ago }.
sessions-forget = Esquecer
sessions-forget-this = Esquecer { $browser }, conhecido desde { $date }
sessions-everywhere = Terminar sessão em todo o lado
sessions-everywhere-what = Termina todas as sessões, também esta, e esquece todos os navegadores. A sua palavra-passe e a sua aplicação ficam como estão.
sessions-stale = Esta página esteve aberta algum tempo.
    .text = Nada foi mudado. Veja-a de novo e carregue mais uma vez no botão.
sessions-ended = Essa sessão terminou.
sessions-others-ended = Todas as outras sessões terminaram.
sessions-forgotten = Esse navegador foi esquecido.
sessions-over = Não havia nada a terminar: já tinha acabado.
sessions-signed-out = Todas as suas sessões terminaram, e já nenhum navegador é conhecido.
sessions-browser-on = { $browser } em { $system }
sessions-browser-only = { $browser }
sessions-browser-some = Um navegador em { $system }
sessions-browser-none = Um navegador sem nome
sessions-just-now = agora mesmo
sessions-minutes-ago = { $number ->
    [one] há { $number } minuto
   *[other] há { $number } minutos
}
sessions-hours-ago = { $number ->
    [one] há { $number } hora
   *[other] há { $number } horas
}
sessions-days-ago = { $number ->
    [one] há { $number } dia
   *[other] há { $number } dias
}
