# chains that kubelet had made; kube-proxy only jumps to KUBE-MARK-DROP
for i in iptables ip6tables; do $i -t nat -N KUBE-MARK-DROP; $i -t nat -N KUBE-MARK-MASQ; done
