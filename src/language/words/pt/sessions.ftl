# Onde você está conectado, e que navegadores são conhecidos.
sessions-title = Sessões e navegadores
sessions-what = Ver onde você está conectado, e sair de todos os lugares
sessions-signed-in = Onde você está conectado
sessions-here = Este navegador
sessions-since = De { $client }, desde { $date }.
sessions-portal-since = Em { $portal }, de { $client }, desde { $date }.
sessions-seen = Última atividade: { $ago }.
sessions-seen-now = Em uso agora.
sessions-left = Próximo código { $left }.
sessions-passed = Espera um código.
sessions-end = Encerrar
sessions-end-this = Encerrar a sessão no { $browser } de { $client }
sessions-end-others = Encerrar todas as outras sessões
sessions-browsers = Navegadores conhecidos
sessions-browsers-what = Nestes você já entrou por completo. Se alguém tentar adivinhar o acesso à sua conta, você pode continuar neles.
sessions-browsers-none = Nenhum navegador é conhecido.
sessions-known = Conhecido desde { $date }, último acesso: { $ago }.
sessions-forget = Esquecer
sessions-forget-this = Esquecer { $browser }, conhecido desde { $date }
sessions-everywhere = Sair de todos os lugares
sessions-everywhere-what = Encerra todas as sessões, inclusive esta, e esquece todos os navegadores. A sua senha e o seu aplicativo ficam como estão.
sessions-stale = Esta página ficou aberta por um tempo.
    .text = Nada foi alterado. Veja-a de novo e aperte o botão mais uma vez.
sessions-ended = Essa sessão foi encerrada.
sessions-others-ended = Todas as outras sessões foram encerradas.
sessions-forgotten = Esse navegador foi esquecido.
sessions-over = Não havia mais nada para encerrar.
sessions-signed-out = Você saiu de todos os lugares, e nenhum navegador é mais conhecido.
sessions-browser-on = { $browser } no { $system }
sessions-browser-only = { $browser }
sessions-browser-some = Um navegador no { $system }
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
