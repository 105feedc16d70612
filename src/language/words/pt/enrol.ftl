# Configuração de uma aplicação de autenticação, e códigos de recuperação.
steps = Passos
step-app = Aplicação
step-scan = Ler
step-confirm = Confirmar
step-save = Códigos

enrol-title = Configure a sua aplicação de autenticação
enrol-hello = Olá
enrol-hello-name = Olá, { $name }
enrol-lead = Esta ligação permite configurar uma aplicação de autenticação para <strong>{ $login }</strong>.
enrol-step-password = Inicie sessão com a palavra-passe que já tem.
enrol-step-scan = Leia um código QR com o seu telefone.
enrol-step-codes = Guarde os seus novos códigos de recuperação.
enrol-until = Permaneça neste navegador até terminar, o mais tardar a { $date }.

new-link-title = É precisa uma nova ligação
new-link-headline = Precisa de uma nova ligação
new-link-gone = Esta ligação expirou, já foi usada ou foi substituída por outra mais recente.
new-link-missing = Neste navegador não foi aberta nenhuma ligação de registo, ou já expirou.
new-link-needed = A sua palavra-passe estava correta, mas a sua conta ainda não tem uma aplicação de autenticação configurada, e neste navegador não foi aberta a ligação que o permite.
new-link-what-next = O que fazer a seguir
new-link-ask = Peça uma nova ligação aos responsáveis por { $brand }. Abra-a no navegador com que quer iniciar sessão.
new-link-why = Uma palavra-passe sozinha nunca configura uma aplicação de autenticação. Assim, ninguém que tenha descoberto a sua palavra-passe pode pôr o próprio telefone no lugar do seu.
new-link-back = Voltar ao início de sessão

setup-start-title = Configure a autenticação multifator
setup-start-why = { $brand } pede, além da sua palavra-passe, um código de seis dígitos do seu telefone. Uma palavra-passe pode ser adivinhada ou roubada; o telefone fica consigo.
setup-start-time = A configuração demora cerca de dois minutos. Precisa do seu telefone.
setup-start-submit = Configurar MFA e aceder à conta
setup-start-mfa = Autenticação multifator (MFA) significa: algo que sabe e algo que tem.

setup-title = Configure a sua aplicação de autenticação
setup-app = Obtenha uma aplicação
setup-app-lead = Se o seu telefone já tem uma destas, passe ao passo 2.
setup-recommended = Recomendada
setup-for-iphone = { $app } para iPhone
setup-for-android = { $app } para Android
setup-how = Como adicionar uma conta
setup-how-in = em { $app }
setup-other-app = Qualquer outra aplicação
setup-scan = Leia este código QR
setup-scan-lead = Na aplicação, adicione uma conta e aponte a câmara a esta imagem.
setup-qr = Código QR para a sua aplicação de autenticação. Por baixo está a mesma chave em texto.
setup-on-phone = Abrir numa aplicação deste dispositivo
setup-by-hand = Ou introduza esta chave à mão
setup-account = Conta: { $login }. Tipo: baseado na hora, seis dígitos.
setup-code = Introduza o código que vê
setup-code-lead = A aplicação mostra agora um código de seis dígitos para { $issuer }. Nada é ativado até introduzir um que esteja correto.
setup-submit = Ativar a autenticação multifator
setup-begin-again = O código QR expirou.
    .text = Aqui está um novo. Remova a entrada antiga da sua aplicação e leia este em vez dela.

app-plus = Abra a aplicação e toque no sinal mais.
app-plus-or-add = Abra a aplicação e toque no sinal mais ou em «Adicionar conta».
app-add = Abra a aplicação e toque em «Adicionar conta».
app-scan-qr = Escolha «Ler um código QR».
app-other-account = Escolha «Outra conta»; «Conta profissional ou escolar» também serve.
app-authy-scan = Toque em «Ler código QR» e permita o uso da câmara.
app-barcode = Toque em «Ler código de barras».
app-point = Aponte a câmara à imagem do passo 2.
app-allow-point = Permita o uso da câmara e aponte-a à imagem do passo 2.
app-point-save = Aponte-a à imagem do passo 2 e guarde.
app-any = Serve qualquer aplicação que mostre códigos de seis dígitos baseados na hora; muitas vezes também os gestores de palavras-passe.
app-look-for = Procure «Adicionar conta» ou «Código de utilização única».
app-scan-or-key = Leia a imagem do passo 2 ou introduza a chave à mão.

codes-title = Guarde os seus códigos de recuperação
codes-of = Códigos de recuperação de { $login } para { $portal }
codes-paper = Cada um serve uma vez, em vez do seu telefone. Guarde esta folha onde mais ninguém a encontre.
codes-lead = A sua aplicação de autenticação está configurada. Se um dia o seu telefone se perder, avariar ou for trocado, um código de recuperação dá-lhe acesso.
codes-warning = <strong>Guarde-os num lugar seguro, e não só no seu telefone.</strong> Sem o telefone e sem um código de recuperação, não poderá voltar a entrar por si. Cada código serve uma vez. Quem tiver um e souber a sua palavra-passe não precisa do seu telefone.
codes-download = Transferir códigos de recuperação
codes-show = Mostrá-los nesta página
codes-saved = Já os guardei
codes-next = Seguinte
codes-not-saved = Os seus códigos de recuperação ainda não estão guardados.
    .text = Transfira-os, ou mostre-os nesta página e assinale a caixa quando os tiver guardado.
