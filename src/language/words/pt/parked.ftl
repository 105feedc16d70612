# O que espera até que um código seja digitado.
parked-title = Enviar o que você escreveu?
parked-lead = Você enviou isto para { $portal } quando era preciso um novo código. Foi guardado e <strong>ainda não foi enviado</strong>.
parked-nothing = Nada espera
parked-nothing-lead = Não há aqui nada seu que não tenha sido enviado. Os formulários são guardados só por alguns minutos; o botão “Voltar” do seu navegador talvez ainda tenha o seu.
parked-form = Formulário
parked-size = Tamanho
parked-when = Quando
parked-kept = Será esquecido { $left }.
parked-send = Enviar agora
parked-discard = Descartar
parked-took = Foi enviado { $ago }, e o portal recebeu.
parked-error = Foi enviado { $ago }, mas o portal respondeu com um erro ({ $status }). Não é enviado outra vez.
parked-unknown = Foi enviado { $ago }, mas o portal não respondeu. Veja no portal se chegou. Não é enviado outra vez.
parked-discarded = Você descartou { $ago }. Não foi enviado.
parked-back = Voltar para { $portal }
parked-back-unsent = Voltar para { $portal } sem enviar
parked-stale = Esta página ficou aberta por um tempo.
    .text = Nada foi enviado nem descartado. Escolha de novo.
parked-ago = { $minutes ->
    [0] há menos de um minuto
    [one] há { $minutes } minuto
   *[other] há { $minutes } minutos
}

# O que não pode ser guardado
parked-too-large = O que você enviou é grande demais para ser guardado
    .text = Antes é preciso um novo código, e não foi guardado. Nada foi enviado. O botão “Voltar” do seu navegador talvez ainda tenha o formulário. Digite seu código em outra aba, volte e envie de novo.
parked-share = Dois formulários seus já esperam
    .text = Antes é preciso um novo código, e este não foi guardado. Nada foi enviado. O botão “Voltar” do seu navegador talvez ainda tenha este formulário. Digite seu código em outra aba, envie ou descarte o que espera, volte e envie este.
parked-away = O que você enviou não pôde ser guardado
    .text = Antes é preciso um novo código, e agora não podemos guardar. Nada foi enviado. O botão “Voltar” do seu navegador talvez ainda tenha o formulário. Espere um minuto, volte e envie de novo.
parked-broken = O que você enviou não chegou inteiro
    .text = Nada foi passado adiante. O botão “Voltar” do seu navegador talvez ainda tenha o formulário: volte e envie de novo.
parked-not-now = Agora não foi possível enviar
    .text = Não conseguimos acessar nossos registros. Volte em um minuto: a página diz se ainda espera.

# Uma janela que uma página do portal abriu
popup-title = Seu código foi aceito
popup-lead = Feche esta janela e continue naquela de onde você veio.
popup-afterwards = Depois você continua na janela de onde veio.
