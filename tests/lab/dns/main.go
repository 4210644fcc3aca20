// A stand-in for CoreDNS, which Debian does not package: it answers for the Services of a cluster,
// over UDP and TCP, and for nothing else. A fixture of the lab, never part of the product.
package main

import (
	"flag"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/miekg/dns"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
)

const domain = "svc.cluster.local."

func answer(services corelisters.ServiceLister, w dns.ResponseWriter, asked *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(asked)
	reply.Authoritative = true
	reply.Rcode = dns.RcodeNameError
	for _, q := range asked.Question {
		labels := dns.SplitDomainName(strings.TrimSuffix(strings.ToLower(q.Name), domain))
		if !strings.HasSuffix(strings.ToLower(q.Name), "."+domain) || len(labels) != 2 {
			continue
		}
		service, err := services.Services(labels[1]).Get(labels[0])
		if err != nil {
			continue
		}
		reply.Rcode = dns.RcodeSuccess
		if ip := net.ParseIP(service.Spec.ClusterIP).To4(); ip != nil && q.Qtype == dns.TypeA {
			header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 5}
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: ip})
		}
	}
	_ = w.WriteMsg(reply)
}

func main() {
	flag.String("conf", "", "CoreDNS' own option; its file is not read")
	flag.Parse()
	config, err := rest.InClusterConfig()
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), time.Minute)
	informer := factory.Core().V1().Services()
	services := informer.Lister()
	synced := informer.Informer().HasSynced
	factory.Start(make(chan struct{}))
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("OK")) }
	ready := http.NewServeMux()
	ready.HandleFunc("/ready", func(w http.ResponseWriter, r *http.Request) {
		if !synced() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ok(w, r)
	})
	go func() { log.Fatal(http.ListenAndServe(":8181", ready)) }()
	go func() { log.Fatal(http.ListenAndServe(":8080", http.HandlerFunc(ok))) }()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, m *dns.Msg) { answer(services, w, m) })
	go func() { log.Fatal(dns.ListenAndServe(":53", "tcp", handler)) }()
	log.Fatal(dns.ListenAndServe(":53", "udp", handler))
}
