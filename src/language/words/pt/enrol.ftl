# Configuração de um aplicativo autenticador, e códigos de recuperação.
steps = Etapas
step-app = Aplicativo
step-scan = Ler
step-confirm = Confirmar
step-save = Códigos
step-last = Fim

enrol-title = Configure o seu aplicativo autenticador
enrol-hello = Olá
enrol-hello-name = Olá, { $name }
enrol-lead = Com este link você pode configurar um aplicativo autenticador para <strong>{ $login }</strong>.
enrol-step-password = Entre com a senha que você já tem.
enrol-step-scan = Leia um código QR com o seu celular.
enrol-step-codes = Salve os seus novos códigos de recuperação.
enrol-until = Fique neste navegador até terminar, no máximo até { $date }.

new-link-title = É preciso um novo link
new-link-headline = Você precisa de um novo link
new-link-gone = Este link expirou, já foi usado ou foi substituído por um mais recente.
new-link-missing = Nenhum link de cadastro foi aberto neste navegador, ou ele expirou.
new-link-needed = A sua senha estava certa, mas a sua conta ainda não tem um aplicativo autenticador configurado, e o link que permite isso não foi aberto neste navegador.
new-link-half-way = A sua senha estava certa. A sua conta foi recuperada, mas um novo aplicativo autenticador não foi configurado a tempo, ou não neste navegador. O aplicativo antigo e todos os códigos de recuperação não funcionam mais.
new-link-what-next = O que fazer agora
new-link-ask = Peça um novo link aos responsáveis por { $brand }. Abra-o no navegador em que você quer entrar.
new-link-why = Uma senha sozinha nunca configura um aplicativo autenticador. Assim, ninguém que tenha descoberto a sua senha pode colocar o próprio celular no lugar do seu.
new-link-back = Voltar para a entrada

setup-start-title = Configure a autenticação multifator
setup-start-why = { $brand } pede, além da sua senha, um código de seis dígitos do seu celular. Uma senha pode ser adivinhada ou roubada; o celular fica com você.
setup-start-time = A configuração leva cerca de dois minutos. Você precisa do seu celular.
setup-start-submit = Configurar MFA e acessar a conta
setup-start-mfa = Autenticação multifator (MFA) significa: algo que você sabe e algo que você tem.

setup-title = Configure o seu aplicativo autenticador
setup-app = Instale um aplicativo
setup-app-lead = Se o seu celular já tem um destes, vá para a etapa 2.
setup-recommended = Recomendado
setup-for-iphone = { $app } para iPhone
setup-for-android = { $app } para Android
setup-how = Como adicionar uma conta
setup-how-in = no { $app }
setup-other-app = Qualquer outro aplicativo
setup-scan = Leia este código QR
setup-scan-lead = No aplicativo, adicione uma conta e aponte a câmera para esta imagem.
setup-qr = Código QR para o seu aplicativo autenticador. Abaixo está a mesma chave em texto.
setup-on-phone = Abrir em um aplicativo deste aparelho
setup-by-hand = Ou digite esta chave à mão
setup-account = Conta: { $login }. Tipo: baseado na hora, seis dígitos.
setup-code = Digite o código que você vê
setup-code-lead = O aplicativo mostra agora um código de seis dígitos para { $issuer }. Nada é ativado até você digitar um código certo.
setup-submit = Ativar a autenticação multifator
setup-begin-again = O código QR expirou.
    .text = Aqui está um novo. Remova a entrada antiga do seu aplicativo e leia este no lugar dela.

app-plus = Abra o aplicativo e toque no sinal de mais.
app-plus-or-add = Abra o aplicativo e toque no sinal de mais ou em “Adicionar conta”.
app-add = Abra o aplicativo e toque em “Adicionar conta”.
app-scan-qr = Escolha “Ler um código QR”.
app-other-account = Escolha “Outra conta”; “Conta corporativa ou de estudante” também serve.
app-authy-scan = Toque em “Ler código QR” e permita o uso da câmera.
app-barcode = Toque em “Ler código de barras”.
app-point = Aponte a câmera para a imagem da etapa 2.
app-allow-point = Permita o uso da câmera e aponte para a imagem da etapa 2.
app-point-save = Aponte para a imagem da etapa 2 e salve.
app-any = Serve qualquer aplicativo que mostre códigos de seis dígitos baseados na hora; muitas vezes também um gerenciador de senhas.
app-look-for = Procure “Adicionar conta” ou “Código de uso único”.
app-scan-or-key = Leia a imagem da etapa 2 ou digite a chave à mão.

codes-title = Salve os seus códigos de recuperação
codes-of = Códigos de recuperação de { $login } para { $portal }
codes-paper = Cada um funciona uma vez, no lugar do seu celular. Guarde esta folha onde mais ninguém a encontre.
codes-lead = O seu aplicativo autenticador está configurado. Se um dia o seu celular for perdido, quebrar ou for trocado, um código de recuperação libera o seu acesso.
codes-warning = <strong>Guarde-os em um lugar seguro, e não só no seu celular.</strong> Sem o celular e sem um código de recuperação, você não consegue mais entrar por conta própria. Cada código funciona uma vez. Quem tiver um deles e souber a sua senha não precisa do seu celular.
codes-download = Baixar códigos de recuperação
codes-show = Mostrar nesta página
codes-saved = Eu salvei os códigos
codes-next = Próximo
codes-not-saved = Os seus códigos de recuperação ainda não foram salvos.
    .text = Baixe os códigos, ou mostre-os nesta página e marque a caixa depois de salvar.

# O arquivo para baixar
codes-file-title = Códigos de recuperação
codes-file-for = Para: { $brand }
codes-file-login = Conta: { $login }
codes-file-made = Criados em: { $date }
codes-file-lead = Cada um destes códigos libera o seu acesso uma vez, se você perder o seu aplicativo autenticador:
codes-file-warning = Quem tiver um deles e a sua senha pode tomar a sua conta.
codes-file-keep = Imprima esta página ou guarde-a em um gerenciador de senhas, não no celular que mostra os seus códigos, e não a envie a ninguém. Um conjunto mais novo substitui este.
